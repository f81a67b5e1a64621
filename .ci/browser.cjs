// Opens each report at three widths in light and dark, tries what it can do, and says what is wrong.
// Usage: node browser.cjs CHROMIUM SHOTS REPORT...
"use strict";
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [chromium, shots, ...reports] = process.argv.slice(2);
const wrong = [];

async function look(page, report, width, scheme) {
  const name = `${path.basename(path.dirname(report))}-${width}-${scheme}`;
  const told = (what) => wrong.push(`${name}: ${what}`);
  const listeners = {
    console: (message) => ["error", "warn"].includes(message.type()) && told(`console: ${message.text()}`),
    pageerror: (error) => told(`error: ${error.message}`),
    request: (request) => request.url() === `file://${report}` || told(`request: ${request.url()}`),
  };
  for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`file://${report}`);
  await overflow(page, told, "as it opens");
  await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => { it.open = true; }));
  await overflow(page, told, "with everything open");
  await reads(page, told);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of violations) {
    if (["serious", "critical"].includes(impact)) told(`axe: ${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
    else console.log(`${name}: axe, ${impact}: ${id}`);
  }
  for (const [event, listener] of Object.entries(listeners)) page.off(event, listener);
}

async function overflow(page, told, when) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  if (room < wide) told(`${wide} px in a window of ${room} px, ${when}`);
}

// Does what a reader may do: sorts a table, reads a value by keyboard and by pointer, hides a pool, turns
// the colours.
async function reads(page, told) {
  const sorted = await page.evaluate(() => {
    const button = document.querySelector("thead button");
    if (!button) return true;
    button.click();
    return button.parentElement.getAttribute("aria-sort") === "ascending";
  });
  if (!sorted) told("a click on a header does not sort");
  const slider = await page.$(".reader input");
  if (slider) {
    await slider.focus();
    await page.keyboard.press("End");
    const text = () => page.evaluate(() => document.querySelector(".reader output").textContent);
    const last = await text();
    const svg = await page.$("figure[data-readout] svg");
    const box = await svg.boundingBox();
    await page.mouse.move(box.x + Math.min(box.width, 300) / 2, box.y + box.height / 2);
    const inside = await text();
    if (!/\d/.test(last) || last === inside) told(`readout: ${last}; ${inside}`);
  }
  const works = await page.evaluate(() => {
    const box = document.querySelector(".pools input");
    let hidden = true;
    if (box) {
      box.click();
      hidden = document.querySelector("[data-pool]") && [...document.querySelectorAll("[data-pool]")].some((it) => it.hidden);
      box.click();
    }
    const colour = () => getComputedStyle(document.body).backgroundColor;
    const [button, before] = [document.querySelector(".theme"), colour()];
    button.click();
    const turned = colour() !== before;
    button.click();
    return hidden && turned && colour() === before;
  });
  if (!works) told("pools cannot be hidden, or colours not turned");
}

// What is left without the script is the whole text.
async function unscripted(browser, report) {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.setViewport({ width: 900, height: 900 });
  await page.goto(`file://${report}`);
  const name = path.basename(path.dirname(report));
  await page.pdf({ path: path.join(shots, `${name}.pdf`), format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
  await page.close();
}

(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];
  const started = puppeteer.launch({ executablePath: chromium, headless: true, args });
  const browser = await started.catch((error) => {
    console.log(`skipped: Chromium does not start here: ${error.message.split("\n")[0]}`);
    process.exit(3);
  });
  for (const report of reports) {
    const { size } = fs.statSync(report);
    if (2e6 < size) wrong.push(`${report}: ${size} bytes`);
    for (const width of [400, 900, 1600]) {
      for (const scheme of ["light", "dark"]) {
        const page = await browser.newPage();
        await look(page, report, width, scheme);
        await page.close();
      }
    }
    await unscripted(browser, report);
    console.log(`${path.basename(path.dirname(report))}: ${size} bytes, looked at`);
  }
  await browser.close();
  for (const line of wrong) console.error(line);
  process.exitCode = wrong.length ? 1 : 0;
})();
