#include "options.hpp"

namespace tocsin::simulation {

namespace {

using namespace std::chrono_literals;

class dice {
public:
  explicit dice(std::uint64_t seed) noexcept : random_(seed) {}
  unsigned below(unsigned limit) noexcept { return static_cast<unsigned>(random_.next() % limit); }
  bool once_in(unsigned n) noexcept { return below(n) == 0; }
  template <std::size_t N>
  unsigned one_of(const unsigned (&values)[N]) noexcept {
    return values[below(N)];
  }

private:
  delivery::random_source random_;
};

void draw_engine(options& drawn, dice& dice) {
  auto& engine = drawn.engine;
  engine.max_in_flight = drawn.wide ? 4096 : dice.one_of({1, 2, 5, 16, 40});
  engine.max_uncommitted = drawn.wide ? dice.one_of({1000, 4096}) : dice.one_of({1, 3, 8, 30, 64});
  engine.max_in_flight_bytes = dice.one_of({1, 300, 2000, 1U << 30U});
  engine.commit_interval = dice.one_of({1, 100, 1000}) * 1ms;
  engine.recommit_interval = dice.one_of({2, 3600}) * 1s;
  engine.dead_letters = !dice.once_in(5);
  engine.health.connections = drawn.wide ? 256 : dice.one_of({1, 2, 4, 8, 24});
  engine.health.faults_in_a_row = dice.one_of({1, 3, 5});
  engine.health.window = dice.one_of({2, 10, 50, 64});
  engine.retry.initial = dice.one_of({1, 200}) * 1ms;
  engine.retry.max = dice.one_of({1, 30}) * 1s;
  engine.retry.max_attempts = dice.one_of({1, 2, 4, 10});
  if (dice.once_in(4)) engine.retry.max_age = dice.one_of({1, 20}) * 1s;
  if (dice.once_in(4)) {
    engine.rate_count = dice.one_of({1, 3, 10});
    engine.rate_per = dice.one_of({100, 1000, 60000}) * 1ms;
  }
}

void draw_weights(options& drawn, dice& dice) {
  auto& each = drawn.weights;
  const auto set = [&each](action what, unsigned weight) {
    each[static_cast<std::size_t>(what)] = static_cast<std::uint16_t>(weight);
  };
  // What a relay does all day.
  set(action::produce, dice.one_of({40, 90}));
  set(action::poll, dice.one_of({90, 140}));
  set(action::start, 130);
  set(action::send, 60);
  set(action::finish, dice.one_of({80, 220}));
  set(action::hand_over, 40);
  set(action::end_dead_letter, 40);
  set(action::begin_commit, dice.one_of({15, 50}));
  set(action::end_commit, dice.one_of({15, 50}));
  set(action::proceed, 40);
  set(action::give, dice.one_of({15, 50}));
  // What may go wrong; each run has about half of it.
  const auto trouble = [&](action what, unsigned weight) {
    if (dice.once_in(2)) set(what, weight);
  };
  trouble(action::repeat, 10);
  trouble(action::connect_fails, 6);
  trouble(action::revoke, dice.one_of({3, 12}));
  trouble(action::lose, dice.one_of({2, 8}));
  trouble(action::elsewhere, 8);
  trouble(action::seek, dice.one_of({2, 6}));
  trouble(action::reset_offset, 3);
  trouble(action::pause, 5);
  trouble(action::hold, 5);
  trouble(action::endpoint_mode, dice.one_of({3, 12}));
  trouble(action::dead_letter_mode, 5);
  trouble(action::delete_records, 5);
  trouble(action::crash, dice.one_of({1, 5}));
  trouble(action::shut_down, dice.one_of({1, 3}));
  trouble(action::make_anew, dice.one_of({1, 4}));
  trouble(action::cut, dice.one_of({1, 4}));
  // The rest of the 1,024 is time passing.
}

} // namespace

options draw_options(std::uint64_t seed) {
  dice dice(seed ^ 0x6f7074696f6e73ULL);
  options drawn;
  drawn.wide = dice.once_in(64);
  drawn.partitions = dice.one_of({1, 1, 2, 4});
  drawn.keys = drawn.wide ? 400 : dice.one_of({1, 2, 4, 12});
  drawn.keys_shared = dice.once_in(3);
  drawn.keyless = dice.one_of({0, 0, 3, 16});
  drawn.refused = dice.one_of({0, 3, 16});
  drawn.skipped = dice.one_of({0, 3, 30});
  drawn.rejected = dice.one_of({0, 3, 30});
  drawn.largest_gap = dice.one_of({1, 2, 20, 100000000});
  drawn.batch = drawn.wide ? 200 : dice.one_of({1, 4, 12});
  drawn.largest_event = dice.one_of({1, 100, 1000});
  drawn.from_the_end = dice.once_in(4);
  draw_engine(drawn, dice);
  draw_weights(drawn, dice);
  return drawn;
}

} // namespace tocsin::simulation
