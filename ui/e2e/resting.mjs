// What no run vouches for since the phone's screens, the wide screen and the house were put together. Every run names it; nothing here
// may be forgotten: a story or a screen leaves this page when it has been mended and looked at.

/** stories that fail, and have to be mended */
export const RESTING = new Set(["keys_lead_to_search_but_never_while_somebody_writes", "aConflictIsChosenAndTakenBack", "singleLettersCanBeTurnedOff", "settingsNeedNoMouse"]);

/** screens that have been looked at since */
export const LOOKED_AT = /^01-laas-/;

/** the stories that are told, and the names of those that rest */
export const awake = (stories) => stories.filter((story) => !RESTING.has(story.name));
