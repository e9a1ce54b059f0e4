// Where one is, kept in memory only: no address ever names a person.
import type { AddressAt, PeopleAt } from "../live/ways";

export type Route =
  | { name: "today" }
  | { name: "cases" }
  | { name: "case"; id: string; at?: string | null }
  | { name: "note"; id: string; alias: string; note: string | null }
  | { name: "offers"; id: string; alias: string; at?: string | null }
  | { name: "history"; id: string; alias: string }
  | { name: "address"; id: string; alias: string; at?: AddressAt | null }
  | { name: "team"; id: string; alias: string }
  | { name: "search" }
  | { name: "conflicts"; of?: string }
  | { name: "people"; at?: PeopleAt }
  | { name: "settings" }
  | { name: "help" }
  | { name: "about" }
  | { name: "report" };

export class Router {
  #stack = $state.raw<Route[]>([{ name: "today" }]);

  get route(): Route {
    return this.#stack.at(-1) ?? { name: "today" };
  }

  /** the tab one came from */
  get tab(): "today" | "cases" {
    return this.#stack[0]?.name === "today" ? "today" : "cases";
  }

  root(name: "today" | "cases") {
    this.#stack = [{ name }];
  }

  /** opens a place above the present one; another person replaces the one that is open */
  open(route: Route) {
    const below = route.name === "case" ? this.#stack.slice(0, 1) : this.#stack.filter((r) => r.name !== "note" && !(r.name === "people" && route.name === "people" && (r.at !== undefined || route.at === undefined)));
    this.#stack = [...below, route];
  }

  /** the new note has got its name in the vault */
  noteMade(note: string) {
    const top = this.route;
    if (top.name === "note") top.note = note;
  }

  back() {
    if (this.#stack.length > 1) this.#stack = this.#stack.slice(0, -1);
  }
}
