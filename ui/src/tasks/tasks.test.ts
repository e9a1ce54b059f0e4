import { expect, it, vi } from "vitest";
import type { TaskView } from "../host/bindings";
import type { Host } from "../host/host";
import { NewTask, OldTask } from "./tasks.svelte";

const NOW = () => new Date(2026, 10, 24, 13, 4).getTime();
const falken = { id: "c1", alias: "Falken" };

function begun(person: typeof falken | null = falken, kind: "promise" | "task" = "promise") {
  const addTask = vi.fn(async () => ({ id: "t9", undo: "u9" }));
  return { task: new NewTask({ addTask } as unknown as Host, "Åse Lund", person, kind, NOW), addTask };
}

it("a promise needs nothing but its words: person and day are there from the start", async () => {
  const { task, addTask } = begun();
  task.title = "  At ringe ";
  expect(await task.save()).toEqual({ id: "t9", undo: "u9" });
  expect(addTask).toHaveBeenCalledWith("c1", "promise", "At ringe", "2026-11-25", "Åse Lund", "Falken");
});

it("a task has no day and is promised to nobody unless somebody says so", async () => {
  const { task, addTask } = begun(falken, "task");
  task.title = "Ringe om lejligheden";
  await task.save();
  expect(addTask).toHaveBeenCalledWith("c1", "task", "Ringe om lejligheden", null, "Åse Lund", null);
});

it("without words nothing is sent, and what is missing is said", async () => {
  const { task, addTask } = begun(null);
  expect([task.wordsMissing, task.personMissing]).toEqual([false, false]);
  expect(await task.save()).toBeNull();
  expect([task.wordsMissing, task.personMissing]).toEqual([true, true]);
  task.title = "At ringe";
  expect(await task.save()).toBeNull();
  task.person = falken;
  await task.save();
  expect(addTask).toHaveBeenCalledTimes(1);
});

it("may be promised to somebody else, but never to nobody", () => {
  const { task } = begun();
  task.whom = "other";
  expect(task.promisedTo).toBe("Falken");
  task.other = " hans mor ";
  expect(task.promisedTo).toBe("hans mor");
});

it("words that were not saved wait for the next sheet about the same person, and are gone once saved", async () => {
  const first = begun().task;
  first.title = "At ringe";
  first.leave();
  expect(begun({ id: "c2", alias: "B." }).task.title).toBe("");
  const second = begun().task;
  expect(second.title).toBe("At ringe");
  await second.save();
  second.leave();
  expect(begun().task.title).toBe("");
});

it("the day is moved without a keyboard and can be taken away", () => {
  const { task } = begun();
  task.step(1);
  expect(task.due).toBe("2026-11-26");
  task.step(-2);
  expect(task.due).toBe("2026-11-24");
  task.choose(null);
  expect(task.due).toBeNull();
  task.step(1);
  expect(task.due).toBe("2026-11-25");
});

it("is saved once on two quick taps, and can be tried again after a failure", async () => {
  const { task, addTask } = begun();
  task.title = "At ringe";
  await Promise.all([task.save(), task.save()]);
  expect(addTask).toHaveBeenCalledTimes(1);

  const failing = begun();
  failing.addTask.mockRejectedValueOnce({ code: "vault.full", wait_s: null });
  failing.task.title = "At ringe";
  expect(await failing.task.save()).toBeNull();
  expect(failing.task.error?.code).toBe("vault.full");
  expect(await failing.task.save()).not.toBeNull();
});

it("a task that stands is moved or removed, and says when it could not be", async () => {
  const host = { setTaskDue: vi.fn(async () => ({ id: "t1", undo: "u1" })), removeTask: vi.fn(async () => Promise.reject({ code: "case.unknown_task" })) };
  const old = new OldTask(host as unknown as Host, { id: "t1", case: "c1", due: "2026-11-24" } as TaskView, NOW);
  expect(old.moved).toBe(false);
  old.step(1);
  expect(old.moved).toBe(true);
  await old.remove();
  expect(old.once.error?.code).toBe("case.unknown_task");
  expect(await old.move()).toEqual({ id: "t1", undo: "u1" });
  expect(host.setTaskDue).toHaveBeenCalledWith("c1", "t1", "2026-11-25");
});
