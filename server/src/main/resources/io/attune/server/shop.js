"use strict";

// Texts of the shop are only ever set as text, never as markup.

const byId = id => document.getElementById(id);

/** The visitor of this tab. */
function visitor() {
  let id = sessionStorage.getItem("visitor");
  if (!id) {
    const random = crypto.getRandomValues(new Uint8Array(16));
    id = "page-" + Array.from(random, b => b.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem("visitor", id);
  }
  return id;
}

const session = "/sessions/" + visitor();
let words = "";

/** Asks the server; what it refuses is an error with its reason. */
async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) {
    throw Object.assign(
      new Error(answer.error + " (" + answer.where + "); expected: " + answer.expected),
      {status: response.status});
  }
  return answer;
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

function title(id, fields) {
  return fields ? fields.title || fields.name || Object.values(fields)[0] || id : id;
}

/** A product that can be clicked. */
function product(id, fields) {
  const button = element("button", title(id, fields));
  button.type = "button";
  button.dataset.item = id;
  button.addEventListener("click", () => run(() => click(id)));
  return button;
}

function fill(list, elements) {
  byId(list).replaceChildren(...elements);
}

function hit(found, moved) {
  const line = document.createElement("li");
  line.append(element("span", found.rank + ".", "rank"), product(found.id, found.fields));
  if (moved) {
    const by = found.was - found.rank;
    const text = by > 0 ? "▲ up " + by : by < 0 ? "▼ down " + -by : "same";
    line.append(element("span", text, "moved " + (by > 0 ? "up" : by < 0 ? "down" : "")));
  }
  return line;
}

function showVisit(clicks) {
  byId("visit-empty").hidden = clicks.length > 0;
  byId("visit-note").hidden = clicks.length === 0;
  byId("forget").disabled = clicks.length === 0;
  fill("visit", clicks.map(each => {
    const line = element("li", title(each.item, each.fields));
    const meter = document.createElement("meter");
    meter.value = each.attention;
    const share = Math.round(100 * each.attention) + " %";
    meter.setAttribute("aria-label", "attention " + share);
    line.append(meter, element("span", share, "note"));
    return line;
  }));
}

async function showItems() {
  const answer = await ask(session + "/recommendations?k=12");
  showVisit(answer.clicks);
  byId("items-title").textContent = answer.basis === "session" ? "For you" : "Popular";
  byId("model").textContent = "Model " + answer.model.slice(0, 12);
  fill("items", answer.items.map(each => {
    const line = document.createElement("li");
    line.append(product(each.id, each.fields));
    return line;
  }));
}

async function showHits() {
  if (!words) {
    return;
  }
  const path = "/search?k=10&q=" + encodeURIComponent(words);
  const [before, after] = await Promise.all([
    ask(path), ask(path + "&session=" + encodeURIComponent(visitor()))]);
  byId("results").hidden = false;
  fill("words", before.hits.map(each => hit(each, false)));
  fill("both", after.hits.map(each => hit(each, true)));
  byId("status").textContent = before.hits.length === 0 ? "Nothing was found." : "";
}

async function click(item) {
  await ask(session + "/clicks", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({item: item, time: Date.now()})
  });
  await Promise.all([showItems(), showHits()]);
}

async function forget() {
  await ask(session, {method: "DELETE"});
  await Promise.all([showItems(), showHits()]);
}

/** Runs an action, and shows why it failed. */
async function run(action) {
  document.body.dataset.busy = "true";
  try {
    byId("status").textContent = "";
    await action();
  } catch (failure) {
    byId("status").textContent = failure.message;
  }
  document.body.dataset.busy = "false";
}

async function begin() {
  const models = await ask("/models");
  byId("search").hidden = !models.searchable;
  await showItems();
}

byId("form").addEventListener("submit", event => {
  event.preventDefault();
  words = byId("q").value.trim();
  run(showHits);
});
byId("forget").addEventListener("click", () => run(forget));
run(begin);
