//! Texts that break careless programs: every one of them must survive a note unharmed.

/// What people and machines really write into text fields.
pub const ODD: &[&str] = &[
    // Danish in all its spellings, and the letters of its neighbours.
    "Æble, øl og å. ÆØÅ. Aabenraa eller Åbenrå? Begge dele står på skiltet. Café, über, ß, Zofia Wójcik-Łęcka, İnce og ınce.",
    // The same å as two scalar values, and a non-breaking space.
    "Vi tog fa\u{30a}rgen fra A\u{30a}dal klokken\u{a0}9.",
    // Arabic with and without marks.
    "Han skrev selv på tavlen: مُحَمَّد og bagefter محمد. Det er samme navn.",
    // Both directions in one line, with numbers.
    "Aftale: يوم الخميس kl. 14.30 i Østerlund, husk 250 kr. (مئتان وخمسون).\nNæste linje er dansk igen.",
    // Somali.
    "Hun sagde: Waxaan rabaa inaan shaqeeyo, caawa ma xiiseeyo. Xasan oversatte.",
    // One picture of several scalar values each.
    "Han svarer kun med billeder: 👨‍👩‍👧‍👦 👍🏽 🦊 🏳️‍🌈 🇩🇰. Jeg tror, det betyder ja.",
    // A zero-width joiner and a zero-width non-joiner where nobody sees them.
    "Ord\u{200d}bog og می\u{200c}خواهم.",
    // Turns the direction of what follows unless somebody stops it.
    "Filen hed faktura\u{202e}fdp.exe, og det var ikke en faktura.",
    // Line ends from another machine.
    "Første linje\r\nAnden linje\rTredje linje\n",
    "</script><img src=x onerror=alert(1)> stod der i beskeden. Han lo, jeg lo.",
    "'; DROP TABLE noter;-- Robert sendte den som joke.",
    "=HYPERLINK(\"http://eksempel.invalid\";\"klik her\")\n+1+1\n-2\n@SUM(A1)",
    "%s%n%x {0} ${HOME} ../../etc/passwd C:\\con\\nul",
    // A stand-in number and a number that rings nowhere: both must be noticed before they leave a map.
    "Han læste nummeret højt, 620198-0000, og telefonen er +45 00 00 12 34.",
    // Names an address: belongs in its own box.
    "Han bor nu på Prøvevej 12, 2. tv., i Mølleby.",
];

/// A word as long as a person never writes it.
pub fn long_word() -> String {
    "bro".repeat(334)
}
