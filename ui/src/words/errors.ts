// What a person is told when something did not go as meant: what is safe, what happened, what to do.
import type { ErrorView } from "../host/bindings";
import type { Words } from "./da";

type Told = { da: string; en: string };

export const told: Record<string, Told> = {
  "vault.wrong_secret": { da: "Det passede ikke.", en: "That did not match." },
  "vault.in_use": {
    da: "Alt ligger, hvor det lå. Appen er allerede åben et andet sted på enheden. Luk den dér, og prøv igen.",
    en: "Everything is where it was. The app is already open elsewhere on this device. Close it there and try again.",
  },
  "vault.damaged": {
    da: "Det, der er sendt, ligger trygt hos de andre. Lageret på enheden kan ikke læses. Lad enheden være, og ring til din koordinator.",
    en: "What has been sent is safe with the others. The store on this device cannot be read. Leave the device as it is and call your coordinator.",
  },
  "vault.full": {
    da: "Din tekst er her stadig, men {here} er fuld. Slet et par billeder på {here}, så gemmer vi igen.",
    en: "Your text is still here, but the {here} is full. Delete a few pictures on the {here}, and we will save again.",
  },
  "vault.locked": {
    da: "Din tekst er her stadig. Appen er låst. Lås op, så fortsætter den, hvor du slap.",
    en: "Your text is still here. The app is locked. Unlock it and it carries on where you left off.",
  },
  "vault.read_only": {
    da: "Alt kan læses, og din tekst er her stadig. Enheden tillader ikke at skrive lige nu. Genstart appen, og ring til din koordinator, hvis det bliver ved.",
    en: "Everything can be read, and your text is still here. The device does not allow writing just now. Restart the app, and call your coordinator if it goes on.",
  },
  "case.unknown_case": {
    da: "Resten er, som det var. Dette forløb er ikke på enheden mere. Gå tilbage til listen.",
    en: "The rest is as it was. This person is no longer on this device. Go back to the list.",
  },
  "case.unknown_note": {
    da: "Det, du har skrevet, er her stadig. Noten findes ikke på enheden. Kopiér teksten til en ny note.",
    en: "What you wrote is still here. The note is not on this device. Copy the text into a new note.",
  },
  "case.unknown_task": {
    da: "Resten er, som det var. Opgaven findes ikke mere. En anden kan have taget den.",
    en: "The rest is as it was. The task is no longer there. Someone else may have taken it.",
  },
  "case.bad_date": {
    da: "Intet er ændret. Datoen findes ikke i kalenderen. Vælg en anden.",
    en: "Nothing has changed. The date is not in the calendar. Choose another.",
  },
  "case.text_too_long": {
    da: "Din tekst er her stadig, men den er for lang til én note. Flyt noget af den til en ny note, så gemmer vi igen.",
    en: "Your text is still here, but it is too long for one note. Move some of it into a new note, and we will save again.",
  },
  "case.not_yours": {
    da: "Intet er ændret. Kun den, der har skrevet det, kan gøre det færdigt.",
    en: "Nothing has changed. Only the person who wrote it can finish it.",
  },
  "case.undo_too_late": {
    da: "Det er gemt, og det bliver stående. De ti sekunder er gået. Skriv en note, hvis noget skal rettes.",
    en: "It is saved and stays. The ten seconds are over. Write a note if something needs correcting.",
  },
  "case.*": {
    da: "Det, der var gemt, er stadig gemt. Dette kunne ikke skrives i forløbet. Prøv igen.",
    en: "What was saved is still saved. This could not be written for this person. Try again.",
  },
  "net.offline": {
    da: "Det ligger trygt på {here}. Der er ikke net lige nu. Det sendes, når der er.",
    en: "It is safe on the {here}. There is no network just now. It is sent when there is.",
  },
  "net.server_refused": {
    da: "Det ligger trygt på {here}. Serveren tog ikke imod det. Sig det til din koordinator.",
    en: "It is safe on the {here}. The server did not accept it. Tell your coordinator.",
  },
  "server.set_back": {
    da: "Alt ligger trygt på {here}. Serveren er sat tilbage til en tidligere dag og mangler noget. Det sendes igen af sig selv.",
    en: "Everything is safe on the {here}. The server was set back to an earlier day and lacks something. It is sent again by itself.",
  },
  "org.quota": {
    da: "Det ligger trygt på {here}. Der er ikke mere plads på serveren, så det venter. Sig det til din koordinator.",
    en: "It is safe on the {here}. The server has no more room, so it waits. Tell your coordinator.",
  },
  "server.*": {
    da: "Det ligger trygt på {here}. Serveren har travlt lige nu. Det sendes om lidt.",
    en: "It is safe on the {here}. The server is busy just now. It is sent in a moment.",
  },
  "net.*": {
    da: "Det ligger trygt på {here}. Forbindelsen blev ikke til noget. Vi prøver selv igen.",
    en: "It is safe on the {here}. The connection did not work out. We will try again ourselves.",
  },
  "auth.clock": {
    da: "Det ligger trygt på {here}. Uret på enheden går forkert, så serveren venter. Stil uret, og send igen.",
    en: "It is safe on the {here}. The clock on this device is wrong, so the server is waiting. Set the clock and send again.",
  },
  "auth.*": {
    da: "Det ligger trygt på {here}. Serveren kender ikke enheden. Ring til din koordinator.",
    en: "It is safe on the {here}. The server does not know this device. Call your coordinator.",
  },
  "env.no_session": {
    da: "Intet er ændret. Denne side skal åbnes med den adresse, som forhåndsvisningen skrev. Start den igen.",
    en: "Nothing has changed. This page is opened with the address that the preview printed. Start it again.",
  },
  "env.host_gone": {
    da: "Det, der var gemt, er stadig gemt. Siden har mistet forbindelsen til appen. Start appen igen.",
    en: "What was saved is still saved. The page has lost the app behind it. Start the app again.",
  },
  "env.*": {
    da: "Det, der er gemt, er stadig gemt. Noget på enheden svarede ikke, som det skulle. Genstart appen.",
    en: "What is saved is still saved. Something on this device did not answer as it should. Restart the app.",
  },
  "log.fork": {
    da: "Intet er ændret på {here}. Serveren har en anden liste over, hvem der er med, end den, vi har set. Ring til din koordinator i dag.",
    en: "Nothing has changed on the {here}. The server has another list of who takes part than the one we have seen. Call your coordinator today.",
  },
  "log.*": {
    da: "Det ligger trygt på {here}. Holdets liste kunne ikke ændres. Sig det til din koordinator.",
    en: "It is safe on the {here}. The team's list could not be changed. Tell your coordinator.",
  },
  "app.unknown": {
    da: "Det, der var gemt, er stadig gemt. Noget gik anderledes end ventet. Prøv igen.",
    en: "What was saved is still saved. Something went differently than expected. Try again.",
  },
};

/** the sentence for a code; an unknown code is shown, so that it can be read to someone on the phone */
export function sentence(w: Words, error: Pick<ErrorView, "code">): string {
  const known = told[error.code] ?? told[`${error.code.split(".")[0]}.*`];
  const text = known?.[w.lang] ?? `${told["app.unknown"]?.[w.lang] ?? ""} (${error.code})`;
  return text.replaceAll("{here}", w.here);
}
