// Danish: the wide screen: conflicts, keys.
export const deskDa = (_here: string) => ({
  conflicts: "Modstrid",
});

export type DeskWords = ReturnType<typeof deskDa>;
