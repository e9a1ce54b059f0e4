// The pretend host, one case further: offers, steps, tasks, history, search.
import type { Host } from "./host";
import type { World } from "./pretend";

const notYet = async (): Promise<never> => Promise.reject({ code: "app.unknown", wait_s: null });

type Part = Pick<Host,
  | "setOfferStatus" | "addStep" | "setStepDone" | "removeStep" | "stepTemplates" | "addTask" | "setTaskDue" | "removeTask" | "removeMeeting" | "removeNote"
  | "history" | "search">;

export function pretendCase(_world: World): Part {
  return {
    setOfferStatus: notYet, addStep: notYet, setStepDone: notYet, removeStep: notYet, stepTemplates: async () => [], addTask: notYet, setTaskDue: notYet, removeTask: notYet,
    removeMeeting: notYet, removeNote: notYet, history: async () => [], search: async () => ({ also: [], groups: [], more: false }),
  };
}
