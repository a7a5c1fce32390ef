// Fetches what external issuers publish: their configuration and their keys, over the same client,
// TLS and guards as providers' answers. For a thread that may block.
#pragma once

#include "base/clock.hpp"
#include "identity/issuers.hpp"
#include "net/upstream_client.hpp"

namespace unigate::app {

// Each call makes a connection of its own and waits a few seconds at most. `clock` must outlive it.
identity::Issuers::Fetch issuerFetch(const net::UpstreamSettings& settings,
                                     const base::Clock& clock);

}  // namespace unigate::app
