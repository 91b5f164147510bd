// Starts what the page asks for. Each module is one idea, finds its own elements by their data attributes, and does nothing
// on pages without them; without scripts every page still works by its links and forms.
import "./way_back.js";
import "./focus.js";
import "./current_room.js";
import "./case.js";
import "./keep.js";
import "./answers.js";
import "./live.js";
import "./stale.js";
import "./notices.js";
import "./rows.js";
import "./ticks.js";
import "./row_left.js";
import "./fresh_case.js";
import "./countdown.js";
import "./keys.js";
import "./palette.js";
import "./escape.js";
import "./offline.js";
import "./submitter.js";
import "./uploads.js";
import "./composer.js";
import "./drafts.js";
import "./presence.js";
import "./frames.js";
import "./editing.js";
import "./trial.js";
