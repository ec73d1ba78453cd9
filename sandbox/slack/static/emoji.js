// The emoji that on-call channels use; others stay as :names:.

const EMOJI = {
  alarm_clock: "⏰", alembic: "⚗️", ambulance: "🚑", arrow_down: "⬇️", arrow_right: "➡️", arrow_up: "⬆️",
  arrows_counterclockwise: "🔄", ballot_box_with_check: "☑️", bar_chart: "📊", bell: "🔔", no_bell: "🔕",
  black_circle: "⚫", blue_circle: "🔵", boom: "💥", books: "📚", brain: "🧠", bug: "🐛", bulb: "💡",
  calendar: "📆", chart_with_downwards_trend: "📉", chart_with_upwards_trend: "📈", clock1: "🕐",
  closed_book: "📕", construction: "🚧", cop: "👮", credit_card: "💳", deciduous_tree: "🌳", eyes: "👀",
  exclamation: "❗", fire: "🔥", fire_engine: "🚒", flashlight: "🔦", ghost: "👻", gear: "⚙️",
  globe_with_meridians: "🌐", green_circle: "🟢", hammer_and_wrench: "🛠️", heavy_check_mark: "✔️",
  heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️", inbox_tray: "📥",
  key: "🔑", label: "🏷️", ladybug: "🐞", large_blue_circle: "🔵", large_green_circle: "🟢",
  large_orange_circle: "🟠", large_red_circle: "🔴", large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍",
  mag_right: "🔎", memo: "📝", mute: "🔇", no_entry: "⛔", octagonal_sign: "🛑", ok: "🆗", ok_hand: "👌",
  orange_circle: "🟠", package: "📦", page_facing_up: "📄", pager: "📟", person_in_lotus_position: "🧘",
  point_right: "👉", point_down: "👇", pray: "🙏", pushpin: "📌", question: "❓", raised_hands: "🙌",
  recycle: "♻️", red_circle: "🔴", repeat: "🔁", rewind: "⏪", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨",
  satellite: "🛰️", scissors: "✂️", shield: "🛡️", ship: "🚢", skull: "💀", small_red_triangle: "🔺", sos: "🆘",
  sparkles: "✨", speech_balloon: "💬", stopwatch: "⏱️", tada: "🎉", telescope: "🔭", test_tube: "🧪",
  thinking_face: "🤔", "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", traffic_light: "🚥", truck: "🚚",
  twisted_rightwards_arrows: "🔀", warning: "⚠️", wastebasket: "🗑️", wave: "👋", white_check_mark: "✅",
  white_circle: "⚪", wrench: "🔧", x: "❌", yellow_circle: "🟡", zap: "⚡", zzz: "💤",
};

export const emoji = (name) => EMOJI[name.split("::")[0]];
