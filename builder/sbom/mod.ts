/** What an image is made of, for tools that look for known weaknesses. */
export { billOfMaterials } from "./bill_of_materials.ts";
