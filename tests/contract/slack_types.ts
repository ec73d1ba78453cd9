import { KnownBlock, View } from "@slack/types";

export interface Message {
  blocks: KnownBlock[];
}

export interface Shown {
  view: View;
}
