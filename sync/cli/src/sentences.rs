//! What every code means to a person, and what helps: Danish and English, in one place.

use device::Standing;

mod address;
mod admitting;
mod agreed;
mod end;
mod lost;

use crate::say::Lang;

/// Codes with one meaning: Danish message, Danish mend, English message, English mend.
struct Sentence(&'static [&'static str], [&'static str; 4]);

/// What happened and what helps.
pub fn of(code: &str, lang: Lang) -> (String, String) {
    let Some(Sentence(_, [da, da_mend, en, en_mend])) = known(code) else {
        return match lang {
            Lang::Da => (format!("Det lykkedes ikke ({code})."), "Giv koden videre til den, der hjælper dig.".to_owned()),
            Lang::En => (format!("It did not work ({code})."), "Pass the code on to whoever helps you.".to_owned()),
        };
    };
    match lang {
        Lang::Da => ((*da).to_owned(), (*da_mend).to_owned()),
        Lang::En => ((*en).to_owned(), (*en_mend).to_owned()),
    }
}

/// What is said of the next try: how long it has to wait, and, before the last two, how many are left.
pub fn of_tries(standing: Standing, lang: Lang) -> String {
    let mut said = Vec::new();
    if standing.wait_s > 0 {
        let (minutes, is_short) = (standing.wait_s.div_ceil(60), standing.wait_s < 60);
        let count = if is_short { standing.wait_s } else { minutes };
        let unit = match (lang, is_short, count) {
            (Lang::Da, true, 1) => "sekund",
            (Lang::Da, true, _) => "sekunder",
            (Lang::Da, false, 1) => "minut",
            (Lang::Da, false, _) => "minutter",
            (Lang::En, true, 1) => "second",
            (Lang::En, true, _) => "seconds",
            (Lang::En, false, 1) => "minute",
            (Lang::En, false, _) => "minutes",
        };
        said.push(match lang {
            Lang::Da => format!("Næste forsøg om {count} {unit}."),
            Lang::En => format!("The next try in {count} {unit}."),
        });
    }
    let left = match (standing.left, lang) {
        (None | Some(0), _) => "",
        (Some(1), Lang::Da) => "Der er ét forsøg tilbage. Er det forkert, slettes alt her.",
        (Some(_), Lang::Da) => "Der er to forsøg tilbage. Er de forkerte, slettes alt her.",
        (Some(1), Lang::En) => "One try is left. If it is wrong, everything here is erased.",
        (Some(_), Lang::En) => "Two tries are left. If they are wrong, everything here is erased.",
    };
    said.extend((!left.is_empty()).then(|| left.to_owned()));
    said.join(" ")
}

fn known(code: &str) -> Option<&'static Sentence> {
    let mut all = [HERE, PEOPLE, CASE, ROAD, DOUBT, lost::LOST, end::END, address::ADDRESS, admitting::ADMITTING, agreed::AGREED]
        .into_iter()
        .flatten();
    all.find(|sentence| sentence.0.contains(&code))
}

/// This machine: the vault, files, the command line.
const HERE: &[Sentence] = &[
    Sentence(
        &["vault.none"],
        [
            "Der er ingen boks i denne mappe endnu.",
            "Opret en organisation med »org create«, svar på en invitation med »join«, eller ret --data.",
            "There is no vault in this folder yet.",
            "Found an organisation with `org create`, answer an invitation with `join`, or correct --data.",
        ],
    ),
    Sentence(
        &["vault.exists"],
        [
            "Der er allerede en boks i denne mappe.",
            "Vælg en anden mappe med --data.",
            "There is a vault in this folder already.",
            "Choose another folder with --data.",
        ],
    ),
    Sentence(&["vault.locked"], ["Boksen er låst.", "Lås op og prøv igen.", "The vault is locked.", "Unlock it and try again."]),
    Sentence(
        &["vault.in_use"],
        [
            "Boksen er åben i et andet program.",
            "Luk det andet program og prøv igen.",
            "The vault is open in another program.",
            "Close the other program and try again.",
        ],
    ),
    Sentence(
        &["vault.wrong_secret"],
        [
            "Adgangssætningen eller PIN-koden passer ikke.",
            "Prøv igen; se efter store bogstaver og mellemrum.",
            "The passphrase or PIN does not fit.",
            "Try again; look for capital letters and spaces.",
        ],
    ),
    Sentence(
        &["vault.wait"],
        [
            "Der er prøvet for mange gange. Intet er ændret, og dette forsøg tæller ikke.",
            "Vent, og prøv så igen.",
            "There were too many tries. Nothing has changed, and this one does not count.",
            "Wait, then try again.",
        ],
    ),
    Sentence(
        &["vault.weak_secret"],
        [
            "Adgangssætningen er for svag.",
            "Brug mindst 20 tegn, gerne fem-seks ord; en PIN skal have mindst 6 cifre, mindst 3 forskellige, og ikke være en, alle prøver først, som 123456.",
            "The passphrase is too weak.",
            "Use at least 20 characters, five or six words are good; a PIN needs at least 6 digits, 3 of them different, and not one that everybody tries first, like 123456.",
        ],
    ),
    Sentence(
        &["duress.same"],
        [
            "Nødkoden er den samme som din adgangssætning.",
            "Vælg en anden, som du kan give fra dig.",
            "The duress passphrase is the same as your passphrase.",
            "Choose another one, one that you can give away.",
        ],
    ),
    Sentence(
        &["duress.too_long"],
        [
            "Det, nødkoden skal gemme, er for langt.",
            "Bed din koordinator om et kortere navn på dig eller serveren.",
            "What the duress passphrase has to keep is too long.",
            "Ask your coordinator for a shorter name for you or the server.",
        ],
    ),
    Sentence(
        &["vault.no_keystore"],
        [
            "En PIN kræver et nøglelager, som denne maskine ikke har.",
            "Brug en adgangssætning på mindst 20 tegn.",
            "A PIN needs a keystore, which this machine does not have.",
            "Use a passphrase of at least 20 characters.",
        ],
    ),
    Sentence(
        &["vault.damaged", "vault.bad_cost", "crdt.damaged"],
        [
            "Det, der er gemt på denne enhed, er beskadiget, eller noget af det mangler.",
            "Slet ikke noget. Læs her, hvad der endnu kan læses, og bed din koordinator om en ny invitation til en ny mappe; det, der er sendt, kommer fra serveren.",
            "What is kept on this device is damaged, or some of it is missing.",
            "Delete nothing. Read here what can still be read, and ask your coordinator for a new invitation to a new folder; what was sent comes from the server.",
        ],
    ),
    Sentence(
        &["vault.full"],
        [
            "Disken er fuld.",
            "Gør plads og prøv igen; intet er gået tabt.",
            "The disk is full.",
            "Make room and try again; nothing is lost.",
        ],
    ),
    Sentence(
        &["vault.newer"],
        [
            "Boksen er skrevet af en nyere udgave.",
            "Opdatér programmet. Det, der er her, ligger, hvor det lå.",
            "The vault was written by a newer version.",
            "Update the program. What is here lies where it lay.",
        ],
    ),
    Sentence(
        &["vault.read_only"],
        [
            "Boksen kan kun læses nu; intet er ændret.",
            "Se hvorfor med »doctor«. Gem din tekst et andet sted så længe.",
            "The vault can only be read now; nothing has changed.",
            "See why with `doctor`. Keep your text elsewhere until then.",
        ],
    ),
    Sentence(
        &["vault.migration"],
        [
            "Boksen kunne ikke bringes op til denne udgave. Alt er her og kan læses, intet er ændret.",
            "Gør plads på disken, og lås op igen. Bliver det ved, så slet ikke noget, og tag fat i din koordinator.",
            "The vault could not be brought up to this version. Everything is here and can be read, nothing has changed.",
            "Make room on the disk and unlock again. If it stays, delete nothing and talk to your coordinator.",
        ],
    ),
    Sentence(
        &["vault.read_only_disk"],
        [
            "Disken eller mappen tager ikke imod noget fra dig. Det, der er i boksen, kan læses.",
            "Se efter, om du må skrive i mappen, og om disken er sat til kun at læse.",
            "The disk or the folder takes nothing from you. What is in the vault can be read.",
            "See whether you may write in the folder and whether the disk is mounted for reading only.",
        ],
    ),
    Sentence(
        &["vault.database", "vault.file", "cli.file", "cli.runtime"],
        [
            "En fil kunne ikke læses eller skrives.",
            "Se efter, om mappen findes, og om du må læse og skrive i den.",
            "A file could not be read or written.",
            "See whether the folder is there and whether you may read and write in it.",
        ],
    ),
    Sentence(
        &["cli.no_secret"],
        [
            "Adgangssætningen mangler.",
            "Brug --passphrase-file eller --passphrase-fd, eller kør ved en terminal.",
            "The passphrase is missing.",
            "Use --passphrase-file or --passphrase-fd, or run at a terminal.",
        ],
    ),
    Sentence(&["cli.secrets_differ"], ["De to adgangssætninger er ikke ens.", "Prøv igen.", "The two passphrases differ.", "Try again."]),
    Sentence(
        &["cli.secret_file", "cli.keystore_file"],
        [
            "Filen med adgangssætning eller nøgle kunne ikke læses.",
            "Se efter, om den findes, og om du må læse den.",
            "The file with the passphrase or key could not be read.",
            "See whether it is there and whether you may read it.",
        ],
    ),
    Sentence(
        &["cli.not_text"],
        [
            "Filen er ikke tekst i UTF-8.",
            "Gem den som UTF-8 og prøv igen.",
            "The file is not text in UTF-8.",
            "Save it as UTF-8 and try again.",
        ],
    ),
    Sentence(
        &["cli.bad_certificate"],
        ["Det er ikke et certifikat.", "Giv en fil i PEM eller DER.", "That is not a certificate.", "Give a file in PEM or DER."],
    ),
    Sentence(
        &["cli.bad_time"],
        [
            "Tidspunktet kan ikke læses.",
            "Skriv fx 2026-11-22T14:30 eller 14:30.",
            "The time cannot be read.",
            "Write it like 2026-11-22T14:30 or 14:30.",
        ],
    ),
    Sentence(
        &["cli.ambiguous_case", "cli.ambiguous_item"],
        ["Det kan være mere end én.", "Skriv mere af id'et.", "More than one may be meant.", "Write more of the id."],
    ),
    Sentence(
        &["cli.unknown_item"],
        [
            "Der er ingen med det id i sagen.",
            "Se id'erne med »case show«.",
            "Nothing in the case has that id.",
            "See the ids with `case show`.",
        ],
    ),
    Sentence(
        &["undo.gone"],
        [
            "Det kan ikke tages tilbage længere.",
            "Ret det i stedet med en ny handling.",
            "It cannot be taken back any more.",
            "Correct it with a new act instead.",
        ],
    ),
    Sentence(
        &["demo.refused", "demo.not_empty", "demo.plan"],
        [
            "Demodata kan kun lægges i tomme mapper på en ny server.",
            "Vælg tomme mapper, og start serveren med en ny database.",
            "Demo data goes only into empty folders and to a new server.",
            "Choose empty folders and start the server on a new database.",
        ],
    ),
];

/// Organisations, people, devices.
const PEOPLE: &[Sentence] = &[
    Sentence(
        &["org.none"],
        [
            "Denne enhed hører ikke til nogen organisation endnu.",
            "Vent på godkendelsen, og synkronisér igen.",
            "This device belongs to no organisation yet.",
            "Wait to be admitted, and sync again.",
        ],
    ),
    Sentence(
        &["org.exists"],
        [
            "Denne enhed hører allerede til en organisation.",
            "Brug en anden mappe med --data til en anden organisation.",
            "This device belongs to an organisation already.",
            "Use another folder with --data for another organisation.",
        ],
    ),
    Sentence(
        &["org.min_version"],
        [
            "Organisationen kræver en nyere udgave af programmet. Alt kan læses; det, der er pakket, bliver stadig sendt.",
            "Opdatér programmet. Det, du har skrevet, ligger her og sendes derefter.",
            "The organisation demands a newer version of the program. Everything can be read; what is sealed is still sent.",
            "Update the program. What you wrote is here and is sent after that.",
        ],
    ),
    Sentence(
        &["org.version_ahead"],
        [
            "Så ny en udgave har denne enhed ikke selv.",
            "Opdatér her først, og kræv den så.",
            "This device does not have that new a version itself.",
            "Update here first, then demand it.",
        ],
    ),
    Sentence(
        &["org.closed"],
        [
            "Serveren tager ikke imod nye organisationer.",
            "Tal med den, der driver serveren.",
            "The server takes no new organisations.",
            "Talk to whoever runs the server.",
        ],
    ),
    Sentence(
        &["enrol.bad_invitation"],
        [
            "Teksten er ikke en invitation.",
            "Kopiér hele teksten; den begynder med bb1-.",
            "The text is not an invitation.",
            "Copy the whole text; it begins with bb1-.",
        ],
    ),
    Sentence(
        &["enrol.no_invitation", "log.bad_invitation"],
        [
            "Invitationen er ukendt, brugt eller for gammel.",
            "Bed om en ny; den gælder et døgn.",
            "The invitation is unknown, used or too old.",
            "Ask for a new one; it is good for a day.",
        ],
    ),
    Sentence(
        &["enrol.already_asked", "enrol.too_many"],
        [
            "En anden enhed har brugt invitationen, eller der er for mange anmodninger.",
            "Bed om en ny invitation. Gav du den ikke videre, så sig det til din koordinator.",
            "Another device used the invitation, or there are too many requests.",
            "Ask for a new invitation. If you did not pass it on, tell your coordinator.",
        ],
    ),
    Sentence(
        &["people.unknown"],
        [
            "Ingen eller flere i organisationen hedder det.",
            "Se navne og id'er med »people«, og brug id'et.",
            "Nobody, or more than one person, is called that.",
            "See names and ids with `people`, and use the id.",
        ],
    ),
    Sentence(
        &["role.not_allowed", "auth.not_allowed", "log.not_allowed"],
        ["Din rolle giver ikke lov til det.", "Bed din koordinator om det.", "Your role does not allow that.", "Ask your coordinator."],
    ),
    Sentence(
        &["log.needs_second_person"],
        [
            "Det kræver en person mere.",
            "Bed en koordinator, leder eller DPO om at skrive under.",
            "That needs a second person.",
            "Ask a coordinator, lead or DPO to sign.",
        ],
    ),
    Sentence(
        &["device.unknown"],
        [
            "Ingen eller flere enheder hedder det.",
            "Se enhedernes id'er med »devices«, og brug id'et.",
            "No device, or more than one, is called that.",
            "See the devices' ids with `devices`, and use the id.",
        ],
    ),
    Sentence(
        &["log.last_coordinator"],
        [
            "Så var der ingen koordinators enhed tilbage.",
            "Inviter først en koordinator eller en enhed mere.",
            "No coordinator's device would be left.",
            "Invite another coordinator or a further device first.",
        ],
    ),
    Sentence(
        &["log.stale_epoch", "log.bad_cut", "env.uncut"],
        [
            "En enhed er spærret, og de nye nøgler er ikke på plads endnu.",
            "Synkroniser igen. Intet er tabt.",
            "A device was revoked, and the new keys are not in place yet.",
            "Sync again. Nothing is lost.",
        ],
    ),
    Sentence(
        &["auth.revoked", "env.revoked_author"],
        [
            "Enheden er spærret.",
            "Tal med din koordinator. Det, du har skrevet, ligger stadig her.",
            "The device is revoked.",
            "Talk to your coordinator. What you wrote is still here.",
        ],
    ),
];

/// What a case takes and does not take.
const CASE: &[Sentence] = &[
    Sentence(
        &["case.unknown"],
        [
            "Den sag er ikke på denne enhed.",
            "Se sagerne med »case list«.",
            "That case is not on this device.",
            "See the cases with `case list`.",
        ],
    ),
    Sentence(
        &["case.unknown_note", "case.unknown_task", "case.unknown_meeting", "case.unknown_step", "case.unknown_event"],
        [
            "Der er ingen med det id i sagen.",
            "Se id'erne med »case show«.",
            "Nothing in the case has that id.",
            "See the ids with `case show`.",
        ],
    ),
    Sentence(
        &["case.unknown_conflict"],
        [
            "Den uenighed findes ikke, eller den er afgjort.",
            "Se dem, der er, med »conflicts«.",
            "That conflict is not there, or is settled.",
            "See those that are with `conflicts`.",
        ],
    ),
    Sentence(
        &["case.not_a_choice"],
        [
            "Værdien er ikke en af dem, der står.",
            "Vælg en af værdierne fra »conflicts«.",
            "That is not one of the values.",
            "Choose one of the values that `conflicts` lists.",
        ],
    ),
    Sentence(
        &["case.duplicate_id"],
        ["Der findes allerede noget med det id.", "Prøv igen.", "Something with that id is there already.", "Try again."],
    ),
    Sentence(
        &["case.unknown_base", "case.bad_position"],
        ["Teksten har ændret sig siden.", "Læs noten igen, og ret så.", "The text has changed since.", "Read the note again, then edit."],
    ),
    Sentence(&["case.text_too_long"], ["Teksten er for lang.", "Del den op.", "The text is too long.", "Divide it."]),
    Sentence(
        &["case.text_nul"],
        [
            "Teksten indeholder et nultegn.",
            "Fjern det; det er næppe skrevet med vilje.",
            "The text holds a NUL.",
            "Remove it; hardly anybody meant it.",
        ],
    ),
    Sentence(
        &["case.title_missing"],
        ["Der mangler en titel.", "Skriv hvad det drejer sig om.", "A title is missing.", "Write what it is about."],
    ),
    Sentence(&["case.bad_date"], ["Datoen kan ikke læses.", "Skriv åååå-mm-dd.", "The date cannot be read.", "Write yyyy-mm-dd."]),
    Sentence(&["case.future_date"], ["Datoen ligger i fremtiden.", "Ret datoen.", "The date lies in the future.", "Correct the date."]),
    Sentence(
        &["case.before_predecessor"],
        [
            "Datoen ligger før det, der gik forud.",
            "Se datoerne med »case show«.",
            "The date lies before what it follows.",
            "See the dates with `case show`.",
        ],
    ),
    Sentence(&["case.bad_year"], ["Fødselsåret passer ikke.", "Skriv fire cifre.", "That is no year of birth.", "Write four digits."]),
    Sentence(
        &["case.bad_minutes"],
        ["Varigheden passer ikke.", "Skriv minutter, højst et døgn.", "That is no length of time.", "Write minutes, a day at most."],
    ),
    Sentence(
        &["case.bad_zone"],
        [
            "Det er ikke navnet på en tidszone.",
            "Skriv det som Europe/Copenhagen.",
            "That is not the name of a time zone.",
            "Write it like Europe/Copenhagen.",
        ],
    ),
    Sentence(
        &["case.stage_refused"],
        [
            "Forløbet kan ikke gå dertil herfra.",
            "Se hvor det er med »case show«.",
            "The course cannot go there from here.",
            "See where it is with `case show`.",
        ],
    ),
    Sentence(
        &["case.reason_missing"],
        ["Der mangler en begrundelse.", "Giv en kode med --reason.", "A reason is missing.", "Give a code with --reason."],
    ),
    Sentence(
        &["case.no_recent_contact"],
        [
            "Der har ikke været kontakt i lang tid.",
            "Skriv et par ord om det med --text.",
            "There was no contact for a long time.",
            "Say a few words about it with --text.",
        ],
    ),
    Sentence(
        &["case.too_late"],
        [
            "Fristen for at genoptage aftalen er udløbet.",
            "Begynd et nyt forløb.",
            "The time for taking the agreement up again is over.",
            "Begin a new course.",
        ],
    ),
    Sentence(
        &["case.unresolved_end"],
        [
            "Afslutningen er uafklaret.",
            "Afgør den først med »resolve«.",
            "The end of the course is not settled.",
            "Settle it first with `resolve`.",
        ],
    ),
    Sentence(
        &["crdt.edit", "crdt.not_made"],
        [
            "Sagen tog ikke imod ændringen.",
            "Prøv igen. Sker det igen, så giv koden videre.",
            "The case did not take the change.",
            "Try again. If it happens again, pass the code on.",
        ],
    ),
];

/// The way to the server, and what it says.
const ROAD: &[Sentence] = &[
    Sentence(
        &["net.offline"],
        [
            "Serveren kan ikke nås nu.",
            "Det, du har skrevet, er gemt her. Prøv igen, når der er forbindelse.",
            "The server cannot be reached now.",
            "What you wrote is kept here. Try again when there is a connection.",
        ],
    ),
    Sentence(
        &["net.bad_answer"],
        [
            "Serverens svar giver ikke mening.",
            "Er du på et netværk med login-side? Ellers giv koden videre.",
            "The server's answer makes no sense.",
            "Is there a login page on this network? Otherwise pass the code on.",
        ],
    ),
    Sentence(
        &["net.insecure"],
        [
            "Adressen er ikke sikker.",
            "Brug https://; http:// går kun på denne maskine selv.",
            "The address is not safe.",
            "Use https://; http:// is only for this machine itself.",
        ],
    ),
    Sentence(
        &["store.corrupt", "store.database", "store.file", "store.newer", "store.older", "store.put_back"],
        [
            "Serveren kan ikke bruge sit lager nu.",
            "Sig det til den, der driver serveren. Det, du har skrevet, er gemt her.",
            "The server cannot use its store now.",
            "Tell whoever runs the server. What you wrote is kept here.",
        ],
    ),
    Sentence(
        &["env.backlog"],
        [
            "Serveren sender mere, end denne enhed kan læse, og der gemmes ikke mere af det. Det, du skriver, bliver sendt.",
            "Hent igen, når din koordinator har haft sin enhed på nettet. Bliver det ved, så vis din koordinator koden.",
            "The server sends more than this device can read, and no more of it is kept. What you write is sent.",
            "Sync again when your coordinator's device has been online. If it stays, show your coordinator the code.",
        ],
    ),
    Sentence(
        &["server.set_back"],
        [
            "Serveren er sat tilbage til en tidligere dag og mangler noget, den har haft.",
            "Alt er gemt her og sendes igen af sig selv; det er på plads, når en koordinators enhed også har synkroniseret.",
            "The server was set back to an earlier day and lacks something it once had.",
            "Everything is kept here and is sent again by itself; it is in place once a coordinator's device has synced too.",
        ],
    ),
    Sentence(
        &["org.quota"],
        [
            "Organisationen har ikke mere plads på serveren.",
            "Det, du har skrevet, er gemt her og bliver prøvet igen. Sig det til den, der driver serveren.",
            "The organisation has no more room on the server.",
            "What you wrote is kept here and is tried again. Tell whoever runs the server.",
        ],
    ),
    Sentence(
        &["server.busy"],
        [
            "Serveren har travlt lige nu.",
            "Det, du har skrevet, er gemt her og bliver sendt om lidt.",
            "The server is busy just now.",
            "What you wrote is kept here and is sent in a moment.",
        ],
    ),
    Sentence(
        &["auth.clock"],
        [
            "Uret på denne maskine går for meget forkert.",
            "Stil uret og prøv igen.",
            "This machine's clock is too far off.",
            "Set the clock and try again.",
        ],
    ),
    Sentence(
        &["auth.unknown_device"],
        [
            "Serveren kender ikke denne enhed.",
            "Er den godkendt endnu? Spørg den, der inviterede dig.",
            "The server does not know this device.",
            "Was it admitted yet? Ask the person who invited you.",
        ],
    ),
    Sentence(
        &["auth.malformed", "auth.bad_digest", "auth.bad_signature", "req.malformed", "req.not_found", "req.too_large"],
        [
            "Serveren forstod ikke det, enheden sendte.",
            "Opdatér programmet. Sker det igen, så giv koden videre.",
            "The server did not understand what the device sent.",
            "Update the program. If it happens again, pass the code on.",
        ],
    ),
    Sentence(
        &["log.conflict", "log.org_head", "log.wrong_members", "log.already", "env.stale_epoch", "env.seq_gap"],
        ["En anden kom først.", "Synkronisér igen; det bliver prøvet på ny.", "Somebody else was first.", "Sync again; it is tried anew."],
    ),
    Sentence(
        &["env.unknown_epoch", "env.chain_gap", "epoch.hole", "env.snapshot_gap", "crdt.bad_deps", "crdt.missing_change"],
        [
            "Der mangler noget, før det kan læses.",
            "Synkronisér igen senere. Bliver det ved, så sig det til din koordinator.",
            "Something is missing before this can be read.",
            "Sync again later. If it stays, tell your coordinator.",
        ],
    ),
    Sentence(
        &["env.unknown_version", "log.unknown_version"],
        [
            "Det er skrevet af en nyere udgave.",
            "Opdatér programmet; det er gemt så længe.",
            "It was written by a newer version.",
            "Update the program; it is kept until then.",
        ],
    ),
    Sentence(
        &["env.not_member"],
        [
            "Forfatteren har ikke adgang til sagen.",
            "Det er lagt til side. Tal med din koordinator.",
            "The author has no access to the case.",
            "It is set aside. Talk to your coordinator.",
        ],
    ),
    Sentence(
        &["env.too_large", "log.too_large", "crdt.too_large", "crdt.too_many_ops", "crdt.long_key", "crdt.parked_full"],
        ["Det er for stort.", "Del det op.", "It is too large.", "Divide it."],
    ),
];

/// What does not prove what it claims: never taken in.
const DOUBT: &[Sentence] = &[
    Sentence(
        &[
            "env.not_canonical",
            "env.wrong_kind",
            "env.bad_covers",
            "env.bad_context",
            "env.not_author",
            "env.bad_commit",
            "env.bad_aead",
            "env.bad_hash",
            "env.bad_signature",
            "env.fork",
            "crdt.unsigned",
        ],
        [
            "Noget, der kom, beviser ikke, hvem det er fra.",
            "Det er ikke taget ind. Sig det til din koordinator.",
            "Something that came does not prove whom it is from.",
            "It was not taken in. Tell your coordinator.",
        ],
    ),
    Sentence(
        &[
            "log.not_canonical",
            "log.wrong_log",
            "log.bad_signature",
            "log.unknown_signer",
            "log.bad_epoch",
            "log.bad_card",
            "log.bad_wrap",
            "log.state_differs",
            "epoch.bad_wrap",
            "key.broken",
        ],
        [
            "En post eller nøgle holder ikke.",
            "Den er ikke taget ind. Kør »verify«, og sig det til din koordinator.",
            "An entry or key does not hold.",
            "It was not taken in. Run `verify` and tell your coordinator.",
        ],
    ),
    Sentence(
        &["srv.withheld"],
        [
            "Serveren holder noget tilbage: en koordinator har mere, end den giver denne enhed.",
            "Intet her er tabt, og der spørges igen hver dag. Sig det til din koordinator.",
            "The server keeps something back: a coordinator has more than it gives this device.",
            "Nothing here is lost, and it is asked for again every day. Tell your coordinator.",
        ],
    ),
    Sentence(
        &["log.fork"],
        [
            "Serveren har en anden liste over, hvem der er med, end den, denne enhed har set.",
            "Intet er ændret her. Sig det til din koordinator i dag, og til den, der driver serveren.",
            "The server has another list of who takes part than the one this device has seen.",
            "Nothing was changed here. Tell your coordinator today, and whoever runs the server.",
        ],
    ),
    Sentence(
        &[
            "crdt.wrong_actor",
            "crdt.wrong_case",
            "crdt.wrong_kind",
            "crdt.wrong_chunk",
            "crdt.split",
            "crdt.compressed",
            "crdt.bad_compression",
            "crdt.refused_before",
            "crdt.fork_seq",
            "crdt.bad_segment",
            "crdt.unsound",
            "crdt.bad_statement",
            "crdt.bad_start_op",
            "crdt.bad_seq",
            "crdt.bad_checksum",
        ],
        [
            "En ændring, der kom, er ikke skrevet, som den skal være.",
            "Den er ikke taget ind. Sig det til din koordinator.",
            "A change that came is not as it must be.",
            "It was not taken in. Tell your coordinator.",
        ],
    ),
];

#[cfg(test)]
mod tests;
