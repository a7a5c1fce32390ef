'use strict';
// Checks requests against the official OpenAPI documents. Started as `node oracle_bridge.js ORACLE DOCUMENT...`; reads
// one JSON request per line {method, url, headers, body} and writes one line {op, errors} for each.
const readline = require('readline');
const { Oracle } = require(process.argv[2]);

const oracle = new Oracle(process.argv.slice(3));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { ok, op, errors } = oracle.request(JSON.parse(line));
  process.stdout.write(JSON.stringify({ ok, op: op || null, errors }) + '\n');
});
