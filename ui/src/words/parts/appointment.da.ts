// Danish: appointments, made, moved and answered for.
import type { MeetingKind } from "../../host/bindings";

/** why nobody was met */
export type NotMet = Extract<MeetingKind, "no_show" | "cancelled_candidate" | "cancelled_institution" | "cancelled_mentor">;

export const appointmentDa = () => ({
  appointments: "Aftaler",
  appointmentsLeft: (n: number) => `${n} tilbage`,
  noAppointments: "Ingen aftaler i dag.",
  appointmentsAhead: "De næste dage",
  newAppointment: "Ny aftale",
  appointmentWith: (alias: string) => `Aftale med ${alias}`,
  appointmentAt: (when: string) => `Kl. ${when}`,
  didItHappen: (alias: string) => `Blev det til noget med ${alias}?`,
  itDid: "Ja",
  notMet: (why: NotMet): string => ({ no_show: "Udeblev", cancelled_candidate: "Afbud fra ham", cancelled_institution: "Aflyst af stedet", cancelled_mentor: "Aflyst af mig" })[why],
  appointmentCancelled: "Aflyst",
  appointmentMoved: "Flyttet",
  appointmentWhich: "Hvem er det med?",
  appointmentKind: "Hvad er det?",
  appointmentDay: "Hvornår?",
  appointmentNoDay: "Vælg en dag.",
  appointmentClock: "Klokken",
  appointmentPlace: "Et neutralt ord for stedet",
  appointmentPlaceHint: "Fx Hovedindgangen. Aldrig en adresse.",
  appointmentMove: "Flyt",
  appointmentCancel: "Aflys",
  appointmentWhy: "Hvorfor?",
  appointmentMistake: "Lavet ved en fejl",
  appointmentHappened: "Det blev til noget",
  appointmentSaved: "Aftalen er gemt.",
  appointmentMovedTold: "Aftalen er flyttet.",
  appointmentSettled: "Skrevet i forløbet.",
  appointmentTwoTimes: "To tider: den første gælder",
  appointmentUnsaid: "Blev det til noget?",
});

export type AppointmentWords = ReturnType<typeof appointmentDa>;
