// GitHub's GraphQL by its own schema, answered with made-up values. Usage: node graphql_server.js PORT
"use strict";
const http = require("node:http");
const { addMocksToSchema } = require("@graphql-tools/mock");
const { buildClientSchema, graphql, isScalarType, isSpecifiedScalarType } = require("graphql");
const introspection = require("./node_modules/@octokit/graphql-schema/schema.json");

const moment = () => new Date(1767225600000 - Math.floor(Math.random() * 1e9)).toISOString();
const sha = () => Array.from({ length: 40 }, () => "0123456789abcdef"[Math.floor(Math.random() * 16)]).join("");
const shaped = { DateTime: moment, GitTimestamp: moment, GitObjectID: sha };

// GitHub's published schema names some fields twice, which `assumeValid` lets pass.
const real = buildClientSchema(introspection.data ?? introspection, { assumeValid: true });
const scalars = Object.values(real.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
const mocks = Object.fromEntries(scalars.map(({ name }) => [name, shaped[name] ?? (() => "made-up")]));
// Of the kinds of objects that the schema allows, those that GitHub gives: files for paths, else commits.
const resolvers = (store) => ({
  Repository: { object: (_, { expression = "" }) => store.get(expression.includes(":") ? "Blob" : "Commit", expression) },
  Ref: { target: () => store.get("Commit", "tip") },
});
const schema = addMocksToSchema({ schema: real, mocks, resolvers });

http
  .createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { query, variables } = JSON.parse(body);
    const answer = await graphql({ schema, source: query, variableValues: variables });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
