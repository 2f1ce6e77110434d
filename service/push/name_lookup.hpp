// Names to addresses, behind a seam so that tests can answer.
#pragma once

#include "runtime/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tocsin::push {

using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

class name_lookup {
public:
  using callback = std::function<void(boost::system::error_code, const endpoints&)>;

  name_lookup() = default;
  virtual ~name_lookup() = default;
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  // Calls back once, from the event loop, however long it takes. Nothing is cached.
  virtual void lookup(const std::string& host, std::uint16_t port, callback) = 0;
};

// The system's resolver (getaddrinfo in Asio's thread). Lookups of one name that overlap share one question: hundreds of
// connections may open at the same time.
[[nodiscard]] std::unique_ptr<name_lookup> make_system_lookup(runtime::executor);

// The order in which addresses are tried (RFC 8305 4): families in turn, beginning with the first one's.
[[nodiscard]] endpoints interleave_families(const endpoints&);

} // namespace tocsin::push
