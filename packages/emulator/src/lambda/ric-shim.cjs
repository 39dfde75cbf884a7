/**
 * Stands in for the native part of aws-lambda-ric, which is built from C++ at install time: the emulator
 * runs the package without any install script. Only `done` and `error` are native on the route chosen by
 * AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1; the rest is the real runtime client.
 */
const http = require("node:http");
const Module = require("node:module");

const NATIVE_CLIENT = "./rapid-client.node";
/** Larger causes are left out, as the native client does. */
const MAX_CAUSE_BYTES = 1024 * 1024;

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function post(path, body, headers) {
  const request = http.request(
    {
      hostname,
      port,
      path: `/2018-06-01/runtime/invocation/${path}`,
      method: "POST",
      agent,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        ...headers,
      },
    },
    (response) => response.resume(),
  );
  // Without its Runtime API the process has no purpose left.
  request.on("error", (cause) => {
    process.stderr.write(`runtime client: ${cause.message}\n`);
    process.exit(1);
  });
  request.end(body);
}

const client = {
  initializeClient() {},
  next() {
    throw new Error("AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1 must be true.");
  },
  done(requestId, body) {
    post(`${requestId}/response`, body, {});
  },
  error(requestId, body, cause) {
    post(`${requestId}/error`, body, {
      "lambda-runtime-function-error-type": encodeURI(JSON.parse(body).errorType ?? "Error"),
      "lambda-runtime-function-xray-error-cause":
        Buffer.byteLength(cause) < MAX_CAUSE_BYTES ? encodeURI(cause) : "",
    });
  },
};

const load = Module._load;
Module._load = function loadWithoutNative(request, ...rest) {
  return request === NATIVE_CLIENT ? client : load.call(this, request, ...rest);
};
