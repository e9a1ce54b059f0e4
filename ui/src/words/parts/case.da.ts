// Danish: one case further: offers, tasks, history, search.
export const caseDa = (_here: string) => ({
  offers: "Indsatser",
});

export type CaseWords = ReturnType<typeof caseDa>;
