#include "push/name_lookup.hpp"

#include <boost/asio/ip/basic_resolver.hpp>

#include <map>
#include <utility>

namespace tocsin::push {
namespace {

using boost::asio::ip::tcp;

class system_lookup final : public name_lookup {
public:
  explicit system_lookup(runtime::executor ex) : state_(std::make_shared<state>(ex)) {}

  void lookup(const std::string& host, std::uint16_t port, callback done) override {
    auto& waiting = state_->waiting[{host, port}];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    // Numeric service: no look into /etc/services. The handler keeps the state, for the answer may come after this object has
    // gone.
    state_->resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                                   [state = state_, key = std::pair(host, port)](const boost::system::error_code& error,
                                                                                 const tcp::resolver::results_type& results) {
                                     endpoints found;
                                     for (const auto& entry : results) found.push_back(entry.endpoint());
                                     const auto callbacks = std::exchange(state->waiting[key], {});
                                     state->waiting.erase(key);
                                     for (const auto& callback : callbacks) callback(error, found);
                                   });
  }

private:
  struct state {
    explicit state(runtime::executor ex) : resolver(ex) {}
    boost::asio::ip::basic_resolver<tcp, runtime::executor> resolver;
    std::map<std::pair<std::string, std::uint16_t>, std::vector<callback>> waiting;
  };
  std::shared_ptr<state> state_;
};

} // namespace

std::unique_ptr<name_lookup> make_system_lookup(runtime::executor ex) { return std::make_unique<system_lookup>(ex); }

endpoints interleave_families(const endpoints& given) {
  if (given.empty()) return {};
  endpoints first;
  endpoints second;
  for (const auto& e : given) (e.protocol() == given.front().protocol() ? first : second).push_back(e);
  endpoints mixed;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  return mixed;
}

} // namespace tocsin::push
