// The page begins: fonts and tokens, a host, the app.
import "./style/tokens.css";
import "./style/components.css";
import "./style/frames.css";
import "./style/desk.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import NoHost from "./app/NoHost.svelte";
import { chooseHost } from "./host/choose";
import { asError } from "./host/error";

const target = document.getElementById("app");
if (target) {
  chooseHost().then(
    (host) => mount(App, { target, props: { host } }),
    (thrown: unknown) => mount(NoHost, { target, props: { error: asError(thrown) } }),
  );
}
