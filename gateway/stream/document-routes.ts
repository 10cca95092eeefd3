/** `/openapi.json` and `/asyncapi.json`: what this very gateway checks with, written out. */
import { asyncApi, type DocumentOptions, openApi } from "../protocol/documents.ts";
import { jsonResponse, type Route } from "./routes.ts";

export function documentRoutes(options: DocumentOptions): readonly Route[] {
  const http = jsonResponse(200, openApi(options));
  const stream = jsonResponse(200, asyncApi(options));
  return [
    { method: "GET", path: "/openapi.json", answer: () => http },
    { method: "GET", path: "/asyncapi.json", answer: () => stream },
  ];
}
