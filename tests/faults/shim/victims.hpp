// Whom a rule kills when it is not the caller itself.
#pragma once

namespace faults {

/// "daemon", "host" or "worker". A forked worker names its role itself, long after it was loaded with its host.
const char* role();
/// Makes this process known to the others as the latest of its role.
void register_self();
/// SIGKILL to the latest process of a role; returns when it has ended, or when there is none.
void kill_role(const char* name);

}  // namespace faults
