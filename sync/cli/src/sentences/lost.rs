//! What is said of a device that was cut off, and of what it had not sent.

use super::Sentence;

pub(super) const LOST: &[Sentence] = &[
    Sentence(
        &["vault.restored"],
        [
            "Denne enhed er lagt tilbage fra en ældre kopi. Alt kan læses, og intet kan skrives her.",
            "Bed en koordinator spærre enheden; det, der ikke er sendt, bliver da afleveret. Bliv så inviteret igen.",
            "This device was put back from an older copy. Everything can be read, and nothing can be written here.",
            "Ask a coordinator to revoke the device; what was not sent is handed in then. Then be invited again.",
        ],
    ),
    Sentence(
        &["device.wiped"],
        [
            "Organisationen har spærret denne enhed, og alt på den er slettet. Det, der ikke var sendt, er lagt til koordinatoren, hvis enheden måtte aflevere det.",
            "Tal med koordinatoren. Enheden kan få en ny invitation.",
            "The organisation cut this device off, and everything on it is gone. What was not sent was left for the coordinator, if the device was allowed to hand it in.",
            "Talk to the coordinator. The device can be given a new invitation.",
        ],
    ),
    Sentence(
        &["case.incomplete"],
        [
            "Det, du skrev i forløbet før, er ikke hentet igen endnu.",
            "Synkroniser, og skriv så.",
            "What you wrote in the case before is not here again yet.",
            "Sync, and then write.",
        ],
    ),
    Sentence(
        &["quarantine.unknown"],
        [
            "Det er ikke i karantæne her, eller det er afgjort.",
            "Se listen med »quarantine list«.",
            "That is not in quarantine here, or it is decided.",
            "See the list with `quarantine list`.",
        ],
    ),
    Sentence(
        &[
            "quarantine.closed",
            "quarantine.full",
            "quarantine.unread",
            "quarantine.too_large",
            "quarantine.unknown_version",
            "quarantine.not_canonical",
        ],
        [
            "Serveren tager ikke mere imod fra den spærrede enhed.",
            "Spørg den, der brugte enheden, hvad der manglede.",
            "The server takes nothing more from the revoked device.",
            "Ask whoever used the device what was missing.",
        ],
    ),
    Sentence(
        &["quarantine.incomplete"],
        [
            "Noget af det, der blev afleveret, bygger på noget, der ikke er kommet hertil endnu.",
            "Synkroniser og se igen.",
            "Some of what was handed in builds on something that has not come here yet.",
            "Sync and look again.",
        ],
    ),
    Sentence(
        &["quarantine.unsound"],
        [
            "Noget af det, der blev afleveret, er ikke, hvad enheden skrev under på, og vises ikke.",
            "Spørg den, der brugte enheden, hvad der stod.",
            "Some of what was handed in is not what the device signed, and is not shown.",
            "Ask whoever used the device what it said.",
        ],
    ),
    Sentence(
        &["duress.bad_signature", "duress.not_canonical", "duress.too_large", "duress.unknown_device"],
        [
            "Serveren siger, at en enhed blev åbnet under tvang, men enheden har ikke selv skrevet under på det. Ingen er spærret.",
            "Fortæl den, der driver serveren, at den siger noget, der ikke passer.",
            "The server says that a device was opened under duress, but the device itself has not signed that. Nobody was cut off.",
            "Tell whoever runs the server that it says something that is not so.",
        ],
    ),
];
