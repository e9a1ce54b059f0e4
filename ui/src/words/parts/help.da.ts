// Danish: the help pages. Short sentences, short words; a test counts.
/** a piece of a page: a paragraph, a list, steps in order, keys with what they do, dots with what they mean */
export type HelpPiece =
  | { text: string }
  | { list: string[] }
  | { steps: string[] }
  | { keys: [key: string, does: string][] }
  | { dots: [at: "here" | "server" | "coordinator", means: string][] };

export type HelpPage = { key: string; title: string; pieces: HelpPiece[] };

export const helpDa = (here: string) => ({
  help: "Hjælp",
  helpHint: "Den ligger i appen og kan læses uden net.",
  backToHelp: "Tilbage til hjælp",
  helpNext: "Næste",
  helpPages: [
    {
      key: "taps",
      title: "Log en kontakt med tre tryk",
      pieces: [
        { steps: ["Tryk på navnet i I dag. Eller på + ud for navnet i Forløb.", "Vælg, hvad det var: Møde, Telefon, Besked eller noget andet.", "Tryk på Gem."] },
        { text: "Møde er valgt på forhånd. Var det et møde, er det to tryk." },
        { text: "Tid og sted er sat for dig. Passer de ikke, så tryk på Ret. Alt andet kan vente." },
      ],
    },
    {
      key: "notes",
      title: "Noter gemmer sig selv",
      pieces: [
        { text: `Der er ingen knap til at gemme. Det, du skriver, ligger på ${here} et øjeblik efter.` },
        { text: "Låser appen, eller ringer nogen, står teksten der, når du kommer tilbage. Du er på samme sted i den." },
        { text: "En note er Ikke færdig, til du selv siger Færdig. Så længe står den øverst i forløbet." },
        { text: "Skriv, så han kan læse det. Skriv aldrig en adresse i en note." },
      ],
    },
    {
      key: "dots",
      title: "Hvad prikkerne betyder",
      pieces: [
        { dots: [["here", `Ligger på ${here}. Ingen andre har det endnu.`], ["server", "Modtaget på serveren. Den kan ikke læse det."], ["coordinator", "Koordinatoren har det."]] },
        { text: "Sendt betyder sendt: prikken bliver først fyldt, når serveren har kvitteret." },
        { text: "Linjen nederst siger det samme for alt på en gang. Tryk på den for at se, hvad der venter." },
      ],
    },
    {
      key: "network",
      title: "Når der ikke er net",
      pieces: [
        { text: `Alt virker. Du kan læse, skrive og logge. Det ligger trygt på ${here} og bliver sendt, når der er net.` },
        { text: "Du skal ikke gøre noget. Vil du sende nu, så tryk på linjen nederst og på Send nu." },
        { text: "Efter tre dage uden net bliver linjen gul. Gå et sted med net i to minutter. Andre kan have skrevet noget, du ikke ser endnu." },
      ],
    },
    {
      key: "voices",
      title: "To stemmer i én tekst",
      pieces: [
        { text: "To kan skrive i den samme note på samme tid, også uden net. Begges ord bliver stående." },
        { text: "Når de mødes, ser du over teksten, hvem der også har skrevet, hvad og hvornår. Tryk på Vis i teksten for at finde stedet." },
        { text: "Du behøver ikke at vælge. Ret i teksten, hvis den skal læses i ét stykke." },
      ],
    },
    {
      key: "conflicts",
      title: "Når to har sagt hver sit",
      pieces: [
        { text: "To kan sætte hver sin dato eller hver sit ord på det samme. Så er begge gemt. Intet bliver slettet." },
        { text: "Appen siger, hvad der gælder så længe, og hvorfor. Det gælder, til en af jer vælger." },
        { text: "Der står, hvem der skrev hvad, hvornår og på hvilken enhed. Det, I ikke vælger, står stadig i historikken." },
      ],
    },
    {
      key: "undo",
      title: "Fortryd og historik",
      pieces: [
        { text: "Når noget er gemt, står der Fortryd i ti sekunder. Så er det, som det var før." },
        { text: "Bagefter kan det stadig rettes. Under Historik på et forløb står, hvem der har gjort hvad." },
        { text: "Det, der er fjernet, er væk fra skærmen. Det ligger stadig i historikken, hos jer og låst på serveren." },
      ],
    },
    {
      key: "locking",
      title: "Låsen",
      pieces: [
        { text: "Låsen i hjørnet skjuler alt med det samme. Det, du skrev, er gemt." },
        { text: "Appen låser også selv, når den ikke er rørt i et minut. Du kan vælge en anden tid i Indstillinger. På en telefon låser den, når du går ud af den." },
        { text: "Uden din adgangssætning kan ingen åbne. Der er ingen bagdør. Skriv den ned på papir, og læg papiret et sikkert sted." },
        { text: "Den låste side siger ikke, hvad appen er til." },
      ],
    },
    {
      key: "lost",
      title: "Hvis telefonen er væk",
      pieces: [
        { steps: ["Ring til din koordinator med det samme. Vent ikke, til du har ledt færdig.", "Sig, hvornår du sidst havde den, og om den var låst.", "Sig, hvilke navne du har på den. Så kan I tale om, hvem der skal vide det."] },
        { text: "Er appen låst, ligger alt låst på telefonen. Kun adgangssætningen åbner den." },
        { text: "Vi siger det, som det er: Denne udgave kan ikke spærre en telefon på afstand. Den har sin adgang, til serveren bliver stoppet og der bliver begyndt forfra. Det må koordinatoren afgøre. Ring til koordinatoren." },
        { text: "Det, du har sendt, har de andre. Det, der kun lå på telefonen, er væk." },
      ],
    },
    {
      key: "keys",
      title: "Taster på computeren",
      pieces: [
        { text: "Alt kan nås uden mus. Tab går fra knap til knap, i den rækkefølge man læser." },
        {
          keys: [
            ["F9", "skjul skærmen med det samme"],
            ["/", "find et forløb"],
            ["J K", "næste og forrige; pilene gør det samme"],
            ["Enter", "åbn eller gør det"],
            ["Esc", "tilbage uden at vælge"],
            ["N", "ny note i det åbne forløb"],
            ["L", "log kontakt i det åbne forløb"],
            ["G F", "gå til Forløb, en tast ad gangen"],
            ["?", "vis alle taster"],
          ],
        },
        { text: "De enkelte bogstaver virker aldrig, mens du skriver i et felt. De kan slås fra i Indstillinger." },
      ],
    },
    {
      key: "limits",
      title: "Det, appen ikke kan",
      pieces: [
        { text: "Appen gør meget for at passe på det, der står i den. Noget kan den ikke. Det skal du vide." },
        {
          list: [
            "Ser nogen skærmen, mens den er åben, eller tager et billede af den, ser de det, du ser. Lås først.",
            "Har nogen både telefonen og din adgangssætning, kan de læse alt på den. Også senere, fra en kopi.",
            "Er der et skjult program på telefonen, der følger med, kan appen ikke se det.",
            "Har en kollega læst noget, kan det ikke gøres ulæst. En kollega kan også give det videre.",
            "Tvinger nogen dig til at låse op, kan appen ikke lade, som om der intet er.",
            "En domstol kan kræve det udleveret. Skriv, så han kan læse det.",
            "Den, der ser med på nettet længe nok, kan regne ud, hvem der sender, og hvornår. Ikke hvad.",
            "En telefon, der er væk, kan ikke spærres fra en anden endnu.",
            "Det, der er fjernet, ligger stadig i historikken.",
            "Serveren kan vise dig noget gammelt. Linjen nederst siger, hvornår der sidst blev hentet.",
            "Mister du telefonen, før der er sendt, eller glemmer du sætningen, kan ingen hente det frem igen.",
          ],
        },
        { text: "Ingen uden for holdet bag den har gennemgået appen endnu. Skriv ikke om rigtige mennesker i denne udgave." },
        { text: "Er nogen i fare nu, så ring 112." },
      ],
    },
  ] as HelpPage[],
});

export type HelpWords = ReturnType<typeof helpDa>;
