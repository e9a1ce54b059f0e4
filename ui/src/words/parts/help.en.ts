// English: the help pages.
import type { HelpPage, HelpWords } from "./help.da";

export const helpEn = (here: string): HelpWords => ({
  help: "Help",
  helpHint: "It is part of the app and can be read without a network.",
  backToHelp: "Back to help",
  helpNext: "Next",
  helpPages: [
    {
      key: "taps",
      title: "Log a contact in three taps",
      pieces: [
        { steps: ["Tap the name in Today. Or the + beside the name in People.", "Choose what it was: Meeting, Phone, Message or something else.", "Tap Save."] },
        { text: "Meeting is already chosen. If it was a meeting, it is two taps." },
        { text: "Time and place are filled in for you. If they are not right, tap Change. Everything else can wait." },
      ],
    },
    {
      key: "notes",
      title: "Notes save themselves",
      pieces: [
        { text: `There is no save button. What you write is on this ${here} a moment later.` },
        { text: "If the app locks or somebody calls, the text is there when you come back, and so is your place in it." },
        { text: "A note is Not finished until you say Finished. Until then it stands at the top of the person's page." },
        { text: "Write so he could read it. Never write an address in a note." },
      ],
    },
    {
      key: "dots",
      title: "What the dots mean",
      pieces: [
        { dots: [["here", `On this ${here}. Nobody else has it yet.`], ["server", "Received by the server. The server cannot read it."], ["coordinator", "The coordinator has it."]] },
        { text: "Sent means sent: the dot is filled only when the server has given a receipt." },
        { text: "The line at the bottom says the same for everything at once. Tap it to see what is waiting." },
      ],
    },
    {
      key: "network",
      title: "When there is no network",
      pieces: [
        { text: `Everything works. You can read, write and log. It is safe on this ${here} and is sent when there is a network.` },
        { text: "You need not do anything. To send at once, tap the line at the bottom and then Send now." },
        { text: "After three days without a network the line turns amber. Go somewhere with a network for two minutes. Others may have written something you do not see yet." },
      ],
    },
    {
      key: "voices",
      title: "Two voices in one text",
      pieces: [
        { text: "Two people can write in the same note at the same time, also without a network. The words of both stay." },
        { text: "When they meet, you see above the text who else wrote, what and when. Tap Show in the text to find the place." },
        { text: "You need not choose. Edit the text if it should read as one piece." },
      ],
    },
    {
      key: "conflicts",
      title: "When two people said different things",
      pieces: [
        { text: "Two people may set different dates, or different words, for the same thing. Both are then kept. Nothing is deleted." },
        { text: "The app says what applies meanwhile, and why. It applies until one of you chooses." },
        { text: "You can see who wrote what, when and on which device. What you do not choose stays in the history." },
      ],
    },
    {
      key: "undo",
      title: "Undo and history",
      pieces: [
        { text: "When something has been saved, Undo stands there for ten seconds. It makes everything as it was." },
        { text: "It can still be corrected afterwards. History on a person's page shows who did what." },
        { text: "What is removed is gone from the screen. It stays in the history, with you and locked on the server." },
      ],
    },
    {
      key: "locking",
      title: "The lock",
      pieces: [
        { text: "The lock in the corner hides everything at once. What you wrote is saved." },
        { text: "The app also locks by itself when it has not been touched for a minute. You can choose another time in Settings. On a phone it locks when you leave it." },
        { text: "Nobody can open it without your passphrase. There is no back door. Write it down on paper and keep the paper somewhere safe." },
        { text: "The locked page does not say what the app is for." },
      ],
    },
    {
      key: "lost",
      title: "If the phone is lost",
      pieces: [
        { steps: ["Call your coordinator at once. Do not wait until you have finished looking.", "Say when you last had it, and whether it was locked.", "Say which names you have on it, so that you can decide together who must be told."] },
        { text: "If the app is locked, everything on the phone is locked. Only the passphrase opens it." },
        { text: "To be plain: this version cannot block a phone from afar. It keeps its access until the server is stopped and everything is begun anew. That is for the coordinator to decide. Call the coordinator." },
        { text: "What you have sent, the others have. What was only on the phone is gone." },
      ],
    },
    {
      key: "keys",
      title: "Keys on the computer",
      pieces: [
        { text: "Everything can be reached without a mouse. Tab goes from button to button, in the order one reads." },
        {
          keys: [
            ["F9", "hide the screen at once"],
            ["/", "find a person"],
            ["J K", "next and previous; the arrows do the same"],
            ["Enter", "open it or do it"],
            ["Esc", "back without choosing"],
            ["N", "new note about the open person"],
            ["L", "log a contact with the open person"],
            ["G F", "go to People, one key after the other"],
            ["?", "show all keys"],
          ],
        },
        { text: "Single letters never work while you are writing in a field. They can be turned off in Settings." },
      ],
    },
    {
      key: "limits",
      title: "What the app cannot do",
      pieces: [
        { text: "The app does a great deal to protect what is in it. Some things it cannot do, and you should know them." },
        {
          list: [
            "Whoever sees the open screen, or photographs it, sees what you see. Lock first.",
            "Whoever has both the phone and your passphrase can read everything on it. Also later, from a copy.",
            "If a hidden program on the phone is watching, the app cannot see it.",
            "What a colleague has read cannot be unread. A colleague can also pass it on.",
            "If somebody forces you to unlock it, the app cannot look as if it were empty.",
            "A court may order it to be handed over. Write so he could read it.",
            "Whoever watches the network for long enough can work out who sends, and when. Not what.",
            "A lost phone cannot be blocked from another one yet.",
            "What is removed stays in the history.",
            "The server can show you something old. The line at the bottom says when it was last fetched.",
            "If you lose the phone before it has sent, or forget the passphrase, nobody can bring it back.",
          ],
        },
        { text: "Nobody outside the team behind the app has examined it yet. Do not write about real people in this version." },
        { text: "If somebody is in danger now, call 112." },
      ],
    },
  ] satisfies HelpPage[],
});
