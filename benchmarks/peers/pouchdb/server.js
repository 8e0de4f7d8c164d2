// express-pouchdb on LevelDB, as its readme sets it up for replication. Prints its port; ends with its input.
"use strict";

const path = require("path");
const { createRequire } = require("module");

const [folder] = process.argv.slice(2);
const installed = createRequire(path.join(process.cwd(), "package.json"));
const PouchDB = installed("pouchdb");
const express = installed("express");

const Served = PouchDB.defaults({ prefix: folder + path.sep });
const app = express();
app.use(
  "/",
  installed("express-pouchdb")(Served, {
    mode: "minimumForPouchDB",
    // with an identity of the server that stays: by it a client knows how far it came, wherever the server listens
    overrideMode: { include: ["config-infrastructure"] },
    configPath: path.join(folder, "config.json"),
    logPath: path.join(folder, "log.txt"),
  }),
);
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
