// What Node's drivers say of each fault. Needs the packages that README.md names; run under faults.py.
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const env = process.env;
const LOCAL = "127.0.0.1";
const number = (name) => Number(env[`FAULT_${name}`]);
const NETWORK = {
  refused: [LOCAL, number("CLOSED")],
  unknown_host: [env.FAULT_UNKNOWN, 7777],
  timeout: [LOCAL, number("SILENT")],
  garbage: [LOCAL, number("RUBBISH")],
  reset: [LOCAL, number("RESET")],
  hangup: [LOCAL, number("HANGUP")],
};
const STATUSES = [401, 429, 500, 502, 503, 504];
const POSTGRES = ["too_many", "starting", "stopping", "password", "no_database"];

const version = (name) => JSON.parse(
  require("node:fs").readFileSync(`${process.cwd()}/node_modules/${name}/package.json`, "utf8")).version;

// As Sentry's SDK links errors: `cause` and the members of an AggregateError, the cause first.
function chain(error) {
  const links = [];
  for (let at = error; at instanceof Error && links.length < 8; at = at.cause ?? at.errors?.[0]) {
    links.unshift({ type: at.name ?? at.constructor.name, module: null, value: at.message, frames: places(at) });
  }
  return links;
}

// The files nearest the crash, oldest call first.
function places(error) {
  const files = (error.stack ?? "").split("\n").map((line) => /at .*?(?:\(|at )?((?:node:|file:|\/)[^:]*)/.exec(line)?.[1]);
  const seen = files.filter((file) => file && !file.endsWith("node_drivers.mjs"));
  return seen.slice(0, 4).reverse().map((file) => file.replace(/^.*?\/node_modules\//, "./node_modules/"));
}

async function tell(driver, fault, host, port, provoke) {
  const late = new Promise((resolve) => { setTimeout(resolve, 8000, "nothing within 8 s").unref(); });
  try {
    const answer = await Promise.race([provoke(), late]);
    console.error(`${driver}, ${fault}: nothing failed, it answered ${answer}`);
  } catch (error) {
    const row = { language: "node", driver, version: driver === "node" ? process.versions.node : version(driver) };
    console.log(JSON.stringify({ ...row, fault, host, port, chain: chain(error) }));
  }
}

const url = (scheme, host, port, path = "") => `${scheme}://${host}:${port}/${path}`;


const drivers = {
  pg: (host, port, database = "orders") => async () => {
    const { Client } = require("pg");
    const client = new Client({ host, port, user: "app", password: "x", database, connectionTimeoutMillis: 900 });
    client.on("error", () => {});
    await client.connect();
  },
  "pg-pool": (host, port) => async () => {
    const { Pool } = require("pg");
    const pool = new Pool({ host, port, user: "app", database: "orders", max: 1, connectionTimeoutMillis: 500 });
    pool.on("error", () => {});
    pool.connect().catch(() => {});
    await pool.connect();
  },
  mysql2: (host, port) => async () => {
    await require("mysql2/promise").createConnection({ host, port, user: "app", connectTimeout: 900 });
  },
  ioredis: (host, port) => async () => {
    const Redis = require("ioredis");
    const client = new Redis({ host, port, connectTimeout: 700, commandTimeout: 900, maxRetriesPerRequest: 1 });
    client.on("error", () => {});
    try { await client.get("key"); } finally { client.disconnect(); }
  },
  redis: (host, port) => async () => {
    const { createClient } = require("redis");
    const socket = { host, port, connectTimeout: 700, reconnectStrategy: false };
    const client = createClient({ socket, commandOptions: { timeout: 900 } });
    client.on("error", () => {});
    await client.connect();
    await client.get("key");
  },
  mongodb: (host, port) => async () => {
    const { MongoClient } = require("mongodb");
    const client = new MongoClient(url("mongodb", host, port), { serverSelectionTimeoutMS: 900 });
    try { await client.db("orders").collection("items").findOne(); } finally { await client.close(); }
  },
  mongoose: (host, port) => async () => {
    const mongoose = require("mongoose");
    await mongoose.createConnection(url("mongodb", host, port, "orders"), { serverSelectionTimeoutMS: 900 })
      .asPromise();
  },
  kafkajs: (host, port) => async () => {
    const { Kafka, logLevel } = require("kafkajs");
    const options = { connectionTimeout: 600, requestTimeout: 700, retry: { retries: 0 }, logLevel: logLevel.NOTHING };
    await new Kafka({ clientId: "orders", brokers: [`${host}:${port}`], ...options }).producer().connect();
  },
  amqplib: (host, port) => async () => {
    await require("amqplib").connect(url("amqp", host, port), { timeout: 900 });
  },
  "@elastic/elasticsearch": (host, port, path = "") => async () => {
    const { Client } = require("@elastic/elasticsearch");
    const node = url("http", host, port, path);
    await new Client({ node, requestTimeout: 800, maxRetries: 0 }).search({ index: "orders" });
  },
  "@grpc/grpc-js": (host, port) => () => new Promise((resolve, reject) => {
    const grpc = require("@grpc/grpc-js");
    const client = new grpc.Client(`${host}:${port}`, grpc.credentials.createInsecure());
    const same = (value) => value;
    client.makeUnaryRequest("/payments.Payments/Charge", same, same, Buffer.alloc(0),
      { deadline: Date.now() + 900 }, (error, answer) => (error ? reject(error) : resolve(answer)));
  }),
};

const web = {
  axios: (at) => async () => (await require("axios").get(at, { timeout: 700, responseType: "json", transitional: { silentJSONParsing: false } })).data,
  got: (at) => async () => {
    const { default: got } = await import(require.resolve("got"));
    return got(at, { timeout: { request: 700 }, retry: { limit: 0 } }).json();
  },
  undici: (at) => async () => {
    const answer = await require("undici").request(at, { headersTimeout: 700, bodyTimeout: 700, throwOnError: true });
    return answer.body.json();
  },
  "node-fetch": (at) => async () => {
    const { default: fetch } = await import(require.resolve("node-fetch"));
    return (await fetch(at, { signal: AbortSignal.timeout(700) })).json();
  },
  node: (at) => async () => (await fetch(at, { signal: AbortSignal.timeout(700) })).json(),
};

process.on("unhandledRejection", () => {});
process.on("uncaughtException", (error) => console.error(`beside: ${error.message}`));
for (const [fault, [host, port]] of Object.entries(NETWORK)) {
  for (const [driver, connect] of Object.entries(drivers)) await tell(driver, fault, host, port, connect(host, port));
  for (const [driver, get] of Object.entries(web)) await tell(driver, fault, host, port, get(url("http", host, port)));
}
for (const [driver, get] of Object.entries(web)) {
  for (const status of driver === "axios" || driver === "got" ? STATUSES : []) {
    await tell(driver, String(status), LOCAL, number("HTTP"), get(url("http", LOCAL, number("HTTP"), status)));
  }
  await tell(driver, "html", LOCAL, number("HTTP"), get(url("http", LOCAL, number("HTTP"), "html")));
  await tell(driver, "midway", LOCAL, number("MIDWAY"), get(url("http", LOCAL, number("MIDWAY"))));
  await tell(driver, "tls", LOCAL, number("TLS"), get(url("https", LOCAL, number("TLS"))));
  await tell(driver, "tls", LOCAL, number("RUBBISH"), get(url("https", LOCAL, number("RUBBISH"))));
}
for (const refusal of POSTGRES) {
  await tell("pg", refusal, LOCAL, number("POSTGRES"), drivers.pg(LOCAL, number("POSTGRES"), refusal));
}
await tell("mysql2", "too_many", LOCAL, number("MYSQL"), drivers.mysql2(LOCAL, number("MYSQL")));
process.exit(0);
