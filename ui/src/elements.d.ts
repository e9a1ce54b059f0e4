// An attribute of HTML that Svelte's types know for input alone.
import "svelte/elements";

declare module "svelte/elements" {
  interface HTMLTextareaAttributes {
    autocorrect?: "on" | "off" | "";
  }
}
