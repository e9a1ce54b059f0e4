// English: the device: first run, settings, help, about, report.
import type { DeviceWords } from "./device.da";

export const deviceEn = (_here: string): DeviceWords => ({
  settings: "Settings",
});
