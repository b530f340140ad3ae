// LINE's own description (OpenAPI 3.0) as JSON Schema of 2019-09, made strict: what it does not name is wrong.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import Ajv from 'ajv/dist/2019.js';

const FILES = ['messaging-api', 'manage-audience', 'insight', 'channel-access-token', 'webhook'];

// A schema with a discriminator becomes two: `Name` chooses by the type, `Name:base` is what the kinds build on.
function converted(schema, ref, inside = false) {
  if (Array.isArray(schema)) return schema.map((one) => converted(one, ref, inside));
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return { $ref: ref(name, inside) };
  }
  const out = {};
  for (const [name, value] of Object.entries(schema)) {
    if (['example', 'externalDocs', 'description', 'nullable', 'format', 'discriminator', 'default'].includes(name)) continue;
    if (name === 'properties') {
      out.properties = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, converted(v, ref)]));
    } else {
      out[name] = converted(value, ref, name === 'allOf');
    }
  }
  const object = out.type === 'object' || out.properties || out.allOf;
  // Parts of an `allOf` see only their own properties: the whole closes.
  if (object && !inside && !out.oneOf) out.unevaluatedProperties = false;
  return schema.nullable ? { anyOf: [out, { type: 'null' }] } : out;
}

function load(folder, file) {
  const whole = parse(readFileSync(`${folder}/${file}.yml`, 'utf8'));
  const schemas = whole.components.schemas;
  const $defs = {};
  const ref = (name, base) => `#/$defs/${name}${base ? ':base' : ''}`;
  for (const [name, schema] of Object.entries(schemas)) {
    const open = (s) => {
      const { unevaluatedProperties, ...rest } = s;
      return rest;
    };
    const mapping = schema.discriminator?.mapping;
    const own = converted(schema, ref);
    $defs[`${name}:base`] = open(own);
    if (!mapping) {
      $defs[name] = own;
      continue;
    }
    const property = schema.discriminator.propertyName;
    const chosen = (kind) => ({ properties: { [property]: { const: kind } }, required: [property] });
    $defs[name] = {
      properties: { [property]: { enum: Object.keys(mapping) } },
      required: [property],
      allOf: Object.entries(mapping).map(([kind, target]) => ({ if: chosen(kind), then: { $ref: ref(target.split('/').pop(), true) } })),
      unevaluatedProperties: false,
    };
  }
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: file, $defs });
  const compiled = new Map();
  const check = (schema, value) => {
    const key = JSON.stringify(schema);
    if (!compiled.has(key)) {
      const whole = JSON.parse(JSON.stringify(converted(schema, ref)).replaceAll('"#/$defs', `"${file}#/$defs`));
      compiled.set(key, ajv.compile(whole));
    }
    const validate = compiled.get(key);
    return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  };
  return Object.entries(whole.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([method]) => method !== 'parameters').map(([method, operation]) => ({
      method: method.toUpperCase(),
      pattern: path,
      regex: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
      fixed: path.split('{').length,
      parameters: [...(operation.parameters ?? []), ...(methods.parameters ?? [])],
      operation,
      check,
    })));
}

export function description(folder) {
  const all = FILES.flatMap((file) => load(folder, file)).sort((a, b) => a.fixed - b.fixed);
  const find = (method, path) => all.find((one) => one.method === method && one.regex.test(path));
  // What is wrong with an exchange, in words.
  const wrong = (exchange) => {
    const { method, path, query, request_type: type, request, status, response } = exchange;
    const one = find(method, path);
    if (!one) return [`${method} ${path} is not described`];
    const found = [];
    const given = new URLSearchParams(query);
    const known = one.parameters.filter((p) => p.in === 'query');
    for (const p of known) if (p.required && !given.has(p.name)) found.push(`the parameter ${p.name} is missing`);
    for (const name of given.keys()) if (!known.some((p) => p.name === name)) found.push(`the parameter ${name} is not described`);
    const body = one.operation.requestBody?.content?.['application/json']?.schema;
    const accepted = status >= 200 && status < 300;
    if (body && accepted && type.startsWith('application/json')) {
      found.push(...one.check(body, request).map((e) => `request: ${e}`));
    }
    // Errors of 401, 404 and 500 are described for few calls; their form is the same everywhere.
    const described = one.operation.responses[status] ?? (accepted ? undefined : one.operation.responses['400']);
    if (accepted && !described) found.push(`the status ${status} is not described`);
    const answer = described?.content?.['application/json']?.schema;
    if (answer && path !== '/callback') found.push(...one.check(answer, response).map((e) => `answer ${status}: ${e}`));
    return found.map((e) => `${method} ${one.pattern}: ${e}`);
  };
  return { wrong, find };
}
