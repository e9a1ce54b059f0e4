//! What is said of addresses.

use super::Sentence;

pub(super) const ADDRESS: &[Sentence] = &[
    Sentence(
        &["address.locked"],
        [
            "Adresseboksen er lukket.",
            "Giv din kode igen. Den er åben i et minut.",
            "The strongroom of addresses is shut.",
            "Give your passphrase again. It stays open for a minute.",
        ],
    ),
    Sentence(
        &["address.not_released"],
        [
            "Adressen er ikke frigivet til dig nu.",
            "Spørg din koordinator. I nød kan en koordinator frigive den alene i to timer.",
            "The address is not released to you now.",
            "Ask your coordinator. In an emergency one coordinator can release it for two hours.",
        ],
    ),
    Sentence(
        &["address.disputed"],
        [
            "Adressen er uafklaret. Ingen kan åbne den, før en koordinator har set på det.",
            "Koordinatoren ser begge med »address show« og skriver den rigtige med »address set«.",
            "The address is unresolved. Nobody can open it before a coordinator has looked at it.",
            "The coordinator sees both with `address show` and enters the right one with `address set`.",
        ],
    ),
    Sentence(
        &["address.none"],
        [
            "Ingen har skrevet en adresse.",
            "En koordinator skriver den med »address set«.",
            "Nobody has entered an address.",
            "A coordinator enters it with `address set`.",
        ],
    ),
    Sentence(
        &["address.away"],
        [
            "Adressen eller nøglen til den er ikke nået hertil endnu.",
            "Synkroniser, og prøv igen. Bliver det ved, så sig det til din koordinator.",
            "The address, or its key, has not come here yet.",
            "Sync and try again. If it goes on, tell your coordinator.",
        ],
    ),
    Sentence(
        &["address.missing"],
        ["Der mangler en adresse.", "Skriv den på én linje.", "An address is missing.", "Write it on one line."],
    ),
];
