// Danish: the device: first run, settings, help, about, report.
export const deviceDa = (_here: string) => ({
  settings: "Indstillinger",
});

export type DeviceWords = ReturnType<typeof deviceDa>;
