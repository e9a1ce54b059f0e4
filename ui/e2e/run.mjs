// All browser tests over the pretend app. `node e2e/run.mjs [pattern of screens]`, `node e2e/run.mjs --stories [pattern]` for stories alone
import { addressStories } from "./address.spec.mjs";
import { appointmentStories } from "./appointment.spec.mjs";
import { caseStories } from "./case.spec.mjs";
import { datasetStories } from "./dataset.spec.mjs";
import { pretendDriver } from "./drivers.mjs";
import { deskStories } from "./desk.spec.mjs";
import { hideStories } from "./hide.spec.mjs";
import { houseStories } from "./house.spec.mjs";
import { lockStories } from "./lock.spec.mjs";
import { peopleStories } from "./people.spec.mjs";
import { screens } from "./screens.spec.mjs";
import { fourTapsFail, tapStory } from "./taps.spec.mjs";
import { teamStories } from "./team.spec.mjs";
import { browser } from "./world.mjs";

const chrome = await browser();
const wrong = [];

const storiesOnly = process.argv[2] === "--stories";
const pattern = new RegExp(process.argv[storiesOnly ? 3 : 2] ?? ".");
for (const [room, stories] of Object.entries({ address: addressStories, appointment: appointmentStories, case: caseStories, dataset: datasetStories, people: peopleStories, team: teamStories })) {
  const { told, failed } = await stories(chrome, storiesOnly ? pattern : /./);
  for (const name of told) console.log(`${room}: ${name}`);
  console.log(`${room}: ${told.length} stories, ${failed.length} failed`);
  wrong.push(...failed);
}
if (storiesOnly) {
  await chrome.close();
  for (const line of wrong) console.error(line);
  process.exit(wrong.length ? 1 : 0);
}

for (const [room, stories] of Object.entries({ lock: lockStories, hide: hideStories, desk: deskStories, house: houseStories })) {
  const { told, failed } = await stories(chrome);
  wrong.push(...failed);
  console.log(`${room}: ${told} stories, ${failed.length} failed`);
}

const driver = await pretendDriver(chrome);
try {
  await fourTapsFail(driver);
  console.log(`taps: ${await tapStory(driver)} stories`);
} catch (thrown) {
  wrong.push(`taps: ${thrown.stack}`);
}
await driver.close();

const begun = Date.now();
const { looked, found } = await screens(pattern);
wrong.push(...found);
console.log(`screens: ${looked} looked at in ${Math.round((Date.now() - begun) / 1000)} s, ${found.length} with findings`);

await chrome.close();
for (const line of wrong) console.error(line);
process.exit(wrong.length ? 1 : 0);
