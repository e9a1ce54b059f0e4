// The host, handed down the component tree.
import { createContext } from "svelte";
import type { Host } from "./host";

export const [useHost, provideHost] = createContext<Host>();
