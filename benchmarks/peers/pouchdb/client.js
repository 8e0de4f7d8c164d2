// A laptop with PouchDB on LevelDB. One JSON command a line on its input, one JSON answer a line.
//   {do: "write", db, docs}            documents into the local database; what is there is replaced
//   {do: "push" | "pull", db, url, limit}   one replication; after a break again, until `limit` seconds are over
//   {do: "info", db} | {do: "info", url}    how many documents there are, here or there, and the number of the last write
"use strict";

const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const [folder] = process.argv.slice(2);
const PouchDB = createRequire(path.join(process.cwd(), "package.json"))("pouchdb");
const opened = new Map();

function open(name) {
  if (!opened.has(name)) opened.set(name, new PouchDB(path.join(folder, name)));
  return opened.get(name);
}

async function write({ db, docs }) {
  const local = open(db);
  const held = await local.allDocs({ keys: docs.map((doc) => doc._id) });
  const fresh = docs.map((doc, n) => {
    const row = held.rows[n];
    return row.value && !row.value.deleted ? { ...doc, _rev: row.value.rev } : doc;
  });
  const failed = (await local.bulkDocs(fresh)).filter((answer) => answer.error);
  if (failed.length) throw new Error(failed[0].message);
  return { written: fresh.length };
}

// "retry" of the library works for live replications only; a single one is repeated by whoever started it.
async function replicate({ do: way, db, url, limit }) {
  const began = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - began) / 1e9;
  const remote = new PouchDB(url, { skip_setup: way === "pull" });
  let tries = 0;
  let why = "";
  while (seconds() < limit) {
    tries += 1;
    const going = way === "push" ? open(db).replicate.to(remote) : open(db).replicate.from(remote);
    const timer = setTimeout(() => going.cancel(), Math.max(1, (limit - seconds()) * 1000));
    try {
      const result = await going;
      if (result.status === "complete" && result.ok && result.doc_write_failures === 0) {
        return { finished: true, seconds: seconds(), tries };
      }
      why = result.status;
    } catch (error) {
      why = String(error.reason || error.message || error).slice(0, 120);
    } finally {
      clearTimeout(timer);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { finished: false, seconds: seconds(), tries, why };
}

async function info({ db, url }) {
  const { doc_count: count, update_seq: last } = await (url ? new PouchDB(url) : open(db)).info();
  return { count, last: Number(last) };
}

const deeds = { write, push: replicate, pull: replicate, info };

// A broken link comes up beside the promise that waits for it as well; whoever waits repeats the work.
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    let answer;
    try {
      answer = await deeds[command.do](command);
    } catch (error) {
      answer = { error: String(error.message || error) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
  process.exit(0);
}

main();
