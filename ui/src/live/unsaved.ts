// Words typed into a sheet that was closed, or locked away, before they were saved. Kept in memory until they are saved or emptied; never on disk.
const words = new Map<string, string>();

export const unsaved = {
  of: (sheet: string): string => words.get(sheet) ?? "",
  keep(sheet: string, text: string) {
    if (text.trim() === "") words.delete(sheet);
    else words.set(sheet, text);
  },
};
