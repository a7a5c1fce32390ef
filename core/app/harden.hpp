// Keeps what this process has in memory from others. Called before the first secret is read.
#pragma once

namespace unigate::app {

// No core dumps, no reading by other processes of the same user, locked memory for keys. What the
// system does not allow is left; a second call does nothing more.
void hardenProcess();

}  // namespace unigate::app
