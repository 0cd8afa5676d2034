// The tool would write the path of each run into package.json.
export default { packagejson: false };
