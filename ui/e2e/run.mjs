// All browser tests over the pretend app. `node e2e/run.mjs [pattern of screens]`
import { pretendDriver } from "./drivers.mjs";
import { houseStories } from "./house.spec.mjs";
import { lockStories } from "./lock.spec.mjs";
import { screens } from "./screens.spec.mjs";
import { fourTapsFail, tapStory } from "./taps.spec.mjs";
import { browser } from "./world.mjs";

const chrome = await browser();
const wrong = [];

const lock = await lockStories(chrome);
wrong.push(...lock.failed);
console.log(`lock: ${lock.told} stories, ${lock.failed.length} failed`);

const house = await houseStories(chrome);
wrong.push(...house.failed);
console.log(`house: ${house.told} stories, ${house.failed.length} failed`);

const driver = await pretendDriver(chrome);
try {
  await fourTapsFail(driver);
  console.log(`taps: ${await tapStory(driver)} stories`);
} catch (thrown) {
  wrong.push(`taps: ${thrown.stack}`);
}
await driver.close();

const { looked, found } = await screens(chrome, new RegExp(process.argv[2] ?? "."));
wrong.push(...found);
console.log(`screens: ${looked} looked at, ${found.length} with findings`);

await chrome.close();
for (const line of wrong) console.error(line);
process.exit(wrong.length ? 1 : 0);
