/**
 * The terms of comovement, from their file: its numbers, and the reason for each.
 */
import type { ComovementTerms } from "../regime/index.ts";
import document from "./regime/comovement.json" with { type: "json" };

export const comovementTerms: ComovementTerms = document.terms;

/** Why each number is what it is, by its path in the terms. */
export const comovementReasons: Readonly<Record<string, string>> = document.reasons;
