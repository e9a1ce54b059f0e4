// What a person is told when something did not go as meant: what is safe, what happened, what to do.
import type { ErrorView } from "../host/bindings";
import type { Words } from "./da";

type Told = { da: string; en: string };

/** codes that say the same to a person */
const alike: Record<string, string> = { "log.bad_invitation": "enrol.no_invitation", "server.min_version": "org.min_version", "vault.database": "vault.file", "case.unknown": "case.unknown_case", "env.revoked_author": "auth.revoked", "log.bad_cut": "log.stale_epoch", "env.uncut": "log.stale_epoch" };

export const told: Record<string, Told> = {
  "vault.wrong_secret": { da: "Det passede ikke.", en: "That did not match." },
  "vault.wait": {
    da: "Alt ligger, hvor det lå. Der er prøvet for mange gange. Vent lidt, og prøv igen.",
    en: "Everything is where it was. There were too many tries. Wait a little, then try again.",
  },
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
    da: "Alt kan læses, og din tekst er her stadig, men der kan ikke skrives lige nu. Opdatér appen, og se efter, om der er plads på {here}. Ring til din koordinator, hvis det bliver ved.",
    en: "Everything can be read, and your text is still here, but nothing can be written just now. Update the app, and see whether there is room on the {here}. Call your coordinator if it goes on.",
  },
  "vault.newer": {
    da: "Alt ligger, hvor det lå. En nyere udgave af appen har skrevet det. Opdatér appen, så kan du skrive igen.",
    en: "Everything is where it was. A newer version of the app wrote it. Update the app, and you can write again.",
  },
  "vault.restored": {
    da: "Alt kan læses, og din tekst er her stadig. Enheden er lagt tilbage fra en ældre kopi. Bed din koordinator om at spærre den; så afleveres resten, og du kan inviteres igen.",
    en: "Everything can be read, and your text is still here. The device was put back from an older copy. Ask your coordinator to block it; then the rest is handed in, and you can be invited again.",
  },
  "org.min_version": {
    da: "Alt kan læses, og din tekst er her stadig. Din organisation kræver en nyere udgave af appen. Opdatér den, så sendes resten.",
    en: "Everything can be read, and your text is still here. Your organisation asks for a newer version of the app. Update it, and the rest is sent.",
  },
  "duress.same": {
    da: "Intet er ændret. Nødkoden er den samme som din kode. Vælg en anden, som du kan give fra dig.",
    en: "Nothing has changed. The duress code is the same as your code. Choose another one, one that you can give away.",
  },
  "duress.too_long": {
    da: "Intet er ændret. Det, nødkoden skal gemme, er for langt. Bed din koordinator om et kortere navn på dig eller serveren.",
    en: "Nothing has changed. What the duress code has to keep is too long. Ask your coordinator for a shorter name for you or the server.",
  },
  "vault.weak_secret": {
    da: "Intet er låst endnu. Den adgangssætning er for let at gætte. Tag mindst 20 tegn med mindst 8 forskellige, gerne fem-seks ord.",
    en: "Nothing is locked yet. That passphrase is too easy to guess. Use at least 20 characters, 8 of them different; five or six words are good.",
  },
  "vault.no_keystore": {
    da: "Intet er låst endnu. Enheden kan ikke passe på en kort talkode. Tag en adgangssætning på mindst 20 tegn.",
    en: "Nothing is locked yet. This device cannot protect a short code of digits. Use a passphrase of at least 20 characters.",
  },
  "vault.exists": {
    da: "Alt er, som det var. Enheden er allerede sat op. Luk appen, åbn den igen, og lås op.",
    en: "Everything is as it was. This device is already set up. Close the app, open it again and unlock it.",
  },
  "vault.file": {
    da: "Det, der var gemt, er stadig gemt. En fil på {here} kunne ikke læses eller skrives. Se efter, om der er plads, og prøv igen.",
    en: "What was saved is still saved. A file on the {here} could not be read or written. See whether there is room, and try again.",
  },
  "org.exists": {
    da: "Alt er, som det var. Enheden hører allerede til en organisation.",
    en: "Everything is as it was. This device already belongs to an organisation.",
  },
  "org.closed": {
    da: "Intet er gået tabt. Serveren tager ikke imod nye organisationer. Tal med den, der driver den.",
    en: "Nothing is lost. The server takes no new organisations. Talk to whoever runs it.",
  },
  "enrol.bad_invitation": {
    da: "Intet er ændret. Teksten er ikke en hel invitation. Kopiér det hele; den begynder med bb1-.",
    en: "Nothing has changed. The text is not a whole invitation. Copy all of it; it begins with bb1-.",
  },
  "enrol.no_invitation": {
    da: "Intet er ændret. Invitationen er ukendt, brugt eller for gammel. Bed om en ny; den gælder et døgn.",
    en: "Nothing has changed. The invitation is unknown, used or too old. Ask for a new one; it is good for a day.",
  },
  "enrol.already_asked": {
    da: "Intet er ændret. En anden enhed har allerede svaret på invitationen. Bed om en ny. Har du ikke givet den videre, så sig det til din koordinator.",
    en: "Nothing has changed. Another device has already answered this invitation. Ask for a new one. If you did not pass it on, tell your coordinator.",
  },
  "enrol.too_many": {
    da: "Intet er ændret. Der er for mange, der venter på at blive lukket ind. Bed din koordinator se på dem, og prøv igen.",
    en: "Nothing has changed. Too many are waiting to be let in. Ask your coordinator to look at them, and try again.",
  },
  "vault.migration": {
    da: "Alt er her og kan læses. Lageret kunne ikke gøres klar til den nye udgave. Slet et par billeder på {here}, og lås op igen.",
    en: "Everything is here and can be read. The store could not be made ready for the new version. Delete a few pictures on the {here}, and unlock again.",
  },
  "vault.read_only_disk": {
    da: "Alt kan læses, og din tekst er her stadig. Enheden tager ikke imod noget lige nu. Genstart den, og ring til din koordinator, hvis det bliver ved.",
    en: "Everything can be read, and your text is still here. The device accepts nothing just now. Restart it, and call your coordinator if it goes on.",
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
  "case.unknown_step": {
    da: "Resten er, som det var. Skridtet findes ikke mere. En anden kan have taget det.",
    en: "The rest is as it was. The step is no longer there. Someone else may have taken it.",
  },
  "case.unknown_meeting": {
    da: "Resten er, som det var. Kontakten findes ikke mere. En anden kan have fjernet den.",
    en: "The rest is as it was. The contact is no longer there. Someone else may have removed it.",
  },
  "case.unknown_appointment": {
    da: "Resten er, som det var. Aftalen findes ikke mere. En anden kan have fjernet den.",
    en: "The rest is as it was. The appointment is no longer there. Someone else may have removed it.",
  },
  "case.appointment_settled": {
    da: "Intet er ændret. Det er allerede skrevet, hvad der blev af aftalen. Se i forløbet.",
    en: "Nothing has changed. What came of the appointment was written already. Look in the case.",
  },
  "case.title_missing": {
    da: "Intet er ændret. Der mangler et par ord om hvad. Skriv dem, og gem igen.",
    en: "Nothing has changed. A few words about what are missing. Write them and save again.",
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
  "case.unknown_conflict": {
    da: "Alt er gemt, og intet er tabt. En anden har valgt i mellemtiden. Gå videre til den næste.",
    en: "Everything is saved and nothing is lost. Someone else has chosen in the meantime. Go on to the next.",
  },
  "case.not_a_choice": {
    da: "Alt er gemt, og intet er tabt. Udgaverne er ændret, siden siden blev vist. Se på dem igen, og vælg så.",
    en: "Everything is saved and nothing is lost. The versions have changed since this page was shown. Look at them again, then choose.",
  },
  "case.bad_year": {
    da: "Intet er ændret. Fødselsåret passer ikke. Skriv fire cifre, eller lad feltet stå tomt.",
    en: "Nothing has changed. That is no year of birth. Write four digits, or leave the field empty.",
  },
  "address.locked": {
    da: "Intet er vist, og intet er ændret. Adresseboksen er lukket. Giv din kode igen; den er åben i et minut.",
    en: "Nothing was shown and nothing was changed. The strongroom is shut. Give your code again; it stays open for a minute.",
  },
  "address.not_released": {
    da: "Adressen er ikke frigivet til dig nu. Spørg din koordinator. I nød kan en koordinator frigive den alene i to timer.",
    en: "The address is not released to you now. Ask your coordinator. In an emergency one coordinator can release it alone for two hours.",
  },
  "address.disputed": {
    da: "Intet er tabt. Adressen er uafklaret. Ingen kan åbne den, før en koordinator har set på det.",
    en: "Nothing is lost. The address is unresolved. Nobody can open it until a coordinator has looked at it.",
  },
  "address.none": {
    da: "Ingen har skrevet en adresse. En koordinator skriver den først.",
    en: "Nobody has written an address. A coordinator writes it first.",
  },
  "address.away": {
    da: "Intet er tabt. Adressen eller nøglen til den er ikke nået hertil endnu. Hent, når der er net, og prøv igen. Bliver det ved, så sig det til din koordinator.",
    en: "Nothing is lost. The address, or its key, has not come here yet. Sync when there is a network and try again. If it goes on, tell your coordinator.",
  },
  "address.missing": {
    da: "Intet er ændret. Der mangler en adresse. Skriv den, og gem igen.",
    en: "Nothing has changed. An address is missing. Write it and save again.",
  },
  "undo.gone": {
    da: "Det er gemt, og det bliver stående. Det kan ikke fortrydes længere. Ret det i stedet i forløbet.",
    en: "It is saved and stays. It cannot be undone any more. Correct it with the person instead.",
  },
  "role.not_allowed": {
    da: "Intet er ændret. Din rolle giver ikke lov til det. Bed din koordinator om det.",
    en: "Nothing has changed. Your role does not allow that. Ask your coordinator.",
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
  "net.insecure": {
    da: "Intet er sendt. Uden https:// kan andre på nettet lytte med. Brug en adresse, der begynder med https://",
    en: "Nothing was sent. Without https:// others on the network can listen. Use an address that begins with https://",
  },
  "net.bad_answer": {
    da: "Det ligger trygt på {here}. Det, der svarede, er ikke vores server. Er der en side, man skal logge ind på, for at få net her, så gør det først.",
    en: "It is safe on the {here}. What answered is not our server. If you have to log in on a page to use this network, do that first.",
  },
  "env.backlog": {
    da: "Det, du skriver, bliver sendt. Serveren sender mere, end {here} kan læse, så der hentes ikke mere lige nu. Bliver det ved, så vis din koordinator koden.",
    en: "What you write is sent. The server sends more than this {here} can read, so nothing more is fetched just now. If it goes on, show your coordinator the code.",
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
  "case.incomplete": {
    da: "Din tekst er her stadig. Det, du skrev i forløbet før, er ikke hentet igen endnu. Vent, til det er hentet, og skriv så.",
    en: "Your text is still here. What you wrote in the case before has not been fetched again yet. Wait until it has, then write.",
  },
  "device.wiped": {
    da: "Enheden er spærret af din organisation, og alt på den er slettet. Det, der ikke var sendt, venter i karantæne hos koordinatoren. Ring til din koordinator, så får du en ny invitation.",
    en: "Your organisation has blocked this device, and everything on it is gone. What was not sent waits in quarantine with the coordinator. Call your coordinator for a new invitation.",
  },
  "auth.revoked": {
    da: "Det, du har skrevet, ligger her stadig. Enheden er spærret og sender ikke mere. Ring til din koordinator.",
    en: "What you wrote is still here. This device is blocked and sends nothing more. Call your coordinator.",
  },
  "log.stale_epoch": {
    da: "Intet er tabt. En enhed er spærret, og de nye nøgler er ikke på plads endnu. Det retter sig ved næste afsending.",
    en: "Nothing is lost. A device was blocked, and the new keys are not in place yet. The next sync puts it right.",
  },
  "log.last_coordinator": {
    da: "Intet er ændret. Så var der ingen koordinators enhed tilbage. Inviter først en koordinator eller en enhed mere.",
    en: "Nothing was changed. No coordinator's device would be left. Invite another coordinator or a further device first.",
  },
  "log.held": {
    da: "Intet er slettet. Forløbet er tilbageholdt. Tal med databeskyttelsesrådgiveren.",
    en: "Nothing was erased. The case is held. Talk to the data protection officer.",
  },
  "log.erased": {
    da: "Forløbet er slettet. Intet af det bliver gemt igen. Spørg koordinatoren, hvis du vil vide hvorfor.",
    en: "The case is erased. Nothing of it is kept again. Ask the coordinator if you want to know why.",
  },
  "env.erased": {
    da: "Forløbet er slettet. Intet af det bliver gemt igen. Spørg koordinatoren, hvis du vil vide hvorfor.",
    en: "The case is erased. Nothing of it is kept again. Ask the coordinator if you want to know why.",
  },
  "log.bad_proposal": {
    da: "Intet er slettet. Forslaget er udløbet eller trukket tilbage. Foreslå det igen.",
    en: "Nothing was erased. The proposal expired or was withdrawn. Propose it again.",
  },
  "people.unknown": {
    da: "Intet er ændret. Personen er ikke på listen på {here} endnu. Vent, til der har været net, og prøv igen.",
    en: "Nothing has changed. The person is not on the list on this {here} yet. Wait until there was a network, and try again.",
  },
  "enrol.words_differ": {
    da: "Ingen er lukket ind. Ordene var ikke de samme. Lav en ny invitation, og giv den ansigt til ansigt.",
    en: "Nobody was let in. The words were not the same. Make a new invitation and give it face to face.",
  },
  "enrol.not_words": {
    da: "Intet er forsøgt. Det er ikke syv ord fra listen. Skriv dem igen, som de læses højt.",
    en: "Nothing was tried. Those are not seven words of the list. Write them again as they are read aloud.",
  },
  "enrol.no_such_request": {
    da: "Ingen er lukket ind. Ingen enhed har spurgt med de tegn. Sammenlign igen. Passer det stadig ikke, så luk ikke ind.",
    en: "Nobody was let in. No device has asked with those letters. Compare again. If they still differ, do not let it in.",
  },
  "quarantine.unknown": {
    da: "Intet er ændret. Der er allerede taget stilling til det. Se listen igen.",
    en: "Nothing has changed. It has been decided already. Look at the list again.",
  },
  "quarantine.incomplete": {
    da: "Det, der vises, er helt. Noget af resten bygger på ord, som ikke er kommet hertil. Vent, til alle har været på nettet.",
    en: "What is shown is whole. Some of the rest goes back to words that have not come here. Wait until everybody has been online.",
  },
  "quarantine.unsound": {
    da: "Intet er ændret. Noget af det er ikke det, der blev skrevet under på, og kan ikke tages med. Sig det til din koordinator og den, der har ansvaret for data.",
    en: "Nothing has changed. Some of it is not what was signed, and cannot be taken. Tell your coordinator and whoever answers for the data.",
  },
  "duress.*": {
    da: "Ingen er spærret. Serveren siger, at en enhed blev åbnet under tvang, men enheden har ikke selv skrevet under. Ring til den, der driver serveren.",
    en: "Nobody was cut off. The server says that a device was opened under duress, but the device has not signed that. Call whoever runs the server.",
  },
  "device.unknown": {
    da: "Intet er ændret. Enheden findes ikke i organisationen. Se efter under Enheder.",
    en: "Nothing was changed. The organisation has no such device. Look under Devices.",
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
  "srv.withheld": {
    da: "Alt her er gemt. En koordinator har mere, end serveren giver denne enhed. Der spørges igen hver dag. Ring til din koordinator.",
    en: "Everything here is saved. A coordinator has more than the server gives this device. It is asked for again every day. Call your coordinator.",
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
  const code = alike[error.code] ?? error.code;
  const known = told[code] ?? told[`${code.split(".")[0]}.*`];
  const text = known?.[w.lang] ?? `${told["app.unknown"]?.[w.lang] ?? ""} (${error.code})`;
  return text.replaceAll("{here}", w.here);
}

/** what is said of the last try of a secret, and of how long it is until the next */
export function tryLine(w: Words, way: { error: Pick<ErrorView, "code"> | null; wait: number }): string {
  const wrong = way.error?.code === "vault.wrong_secret";
  if (way.wait > 0) return wrong ? w.didNotMatchWait(way.wait) : w.waitOnly(way.wait);
  if (way.error) return wrong ? w.didNotMatch : sentence(w, way.error);
  return "";
}
