export { type Answers, generate, isTemplate, type Template, templates } from './generate.ts';
