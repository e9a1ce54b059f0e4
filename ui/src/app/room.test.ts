import { expect, it } from "vitest";
import { Room } from "./room.svelte";

const room = (width: number, rem = 16) => Object.assign(new Room(), { width, tenRems: 10 * rem });

it("three panes from 1200 px, two at 1024, and as much less as the text is larger", () => {
  expect([1440, 1200, 1199, 1024, 900].map((w) => room(w).panes)).toEqual([3, 3, 2, 2, 2]);
  expect([room(1440, 32).panes, room(1440, 20).panes, room(1920, 24).panes]).toEqual([1, 2, 3]);
  expect([room(1440).narrow, room(1024).narrow, room(1440, 32).narrow]).toEqual([false, true, true]);
});
