export { BrokenImage, type DecodedImage, decodeImage } from "./decode.ts";
export { type FolderImages, type ImageFolder, listImageFolder } from "./imagefolder_list.ts";
