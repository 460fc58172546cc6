// Every limit and constant of the embedded PostgreSQL and sync service, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::embedded::tuning {

using std::chrono::milliseconds;

// PrivatePostgres
/// A server that has not answered within this time is stopped and reported (recovery may take
/// long).
inline constexpr milliseconds kPostgresStartTimeout{60'000};
/// How often the start looks at the server's state.
inline constexpr milliseconds kPostgresStartPoll{10};
/// Fast shutdown gets this long, then immediate shutdown, then kill.
inline constexpr milliseconds kPostgresFastStop{4'000};
inline constexpr milliseconds kPostgresImmediateStop{1'000};
/// Starts tried with another port when another program takes the one just found free.
inline constexpr int kPostgresPortAttempts = 5;
/// Bytes of the server's log after which a start moves it aside to postgres.log.1.
inline constexpr std::uintmax_t kPostgresLogBytesMax = 8U << 20U;
/// Bytes of the log's end shown in an error.
inline constexpr std::size_t kPostgresLogShownBytes = 2'000;
/// Longest path of a Unix socket the kernel takes, without its final zero.
inline constexpr std::size_t kSocketPathBytesMax = 106;

// Sync service
/// Bytes of a shape's log; beyond, its oldest part goes, and with it what its snapshot is good for:
/// the next client that starts gets a new one.
inline constexpr std::size_t kShapeLogBytesMax = 64U << 20U;
/// Pieces of a log that is as long as its bound; it is dropped by the piece.
inline constexpr std::size_t kLogPieces = 64;
/// Times the bound of the log that may be written until a reader that does not ask again is
/// forgotten.
inline constexpr std::size_t kReaderPatience = 4;
/// Times its bound that a log may grow for readers that are behind (beyond, they get 409) and
/// while a table is read (beyond, the shape ends).
inline constexpr std::size_t kLogHeld = 16;
/// Snapshots of a shape whose followers are served; the followers of an older one get 409.
inline constexpr std::size_t kHandlesMax = 64;
/// Bytes freed after which the allocator is told to give memory back to the system.
inline constexpr std::size_t kFreedBytesMin = 16U << 20U;
/// Bytes from which a block of memory is mapped for itself, and unmapped when it is freed.
inline constexpr int kMappedBlockBytes = 256 << 10;
/// Bytes of a shape's snapshot; a larger table is refused.
inline constexpr std::size_t kSnapshotBytesMax = 1U << 30U;
/// Bytes of one transaction kept; a larger one ends the shapes of the tables it touches.
inline constexpr std::size_t kTransactionBytesMax = 64U << 20U;
/// Bytes received but not yet applied above which the stream is not read.
inline constexpr std::size_t kStreamBacklogBytesMax = 64U << 20U;
/// Shapes served at the same time; one more is answered with 503.
inline constexpr std::size_t kShapesMax = 4'096;
/// Requests that wait at the same time; one more is answered with 503.
inline constexpr std::size_t kParkedRequestsMax = 2'048;
/// Connections beside those of waiting requests, for requests that are answered immediately.
inline constexpr std::size_t kSpareConnections = 512;
/// Tables read at the same time, each on a connection; the others wait.
inline constexpr std::size_t kSnapshotLoadsMax = 8;
/// How long such a connection is kept for the next table.
inline constexpr milliseconds kSnapshotLoadIdle{1'000};
/// How soon new shapes are written for the next service, once for all made in that time.
inline constexpr milliseconds kKeepDelay{250};
/// Transactions remembered for snapshots taken while they commit.
inline constexpr std::size_t kRecentTransactionsMax = 65'536;
/// How long a request waits for the database, and for its shape, before 503.
inline constexpr milliseconds kDatabaseWait{5'000};
inline constexpr milliseconds kShapeWait{20'000};
/// How long a waiting poll continues to wait once the database is away, before it gets 503.
/// Shorter: a connection that is lost and restored immediately gets polls answered with 503 too.
inline constexpr milliseconds kPollRecoveryWait{1'000};
/// Retry-After of a 503: the next request waits for the database here. A poll that was cut short
/// gets the second one, so that its client waits here when the database comes back.
inline constexpr std::chrono::seconds kRetryAfter{5};
inline constexpr std::chrono::seconds kPollRetryAfter{1};
/// How soon a failed question to the catalogue, or a snapshot taken too early, is repeated.
inline constexpr milliseconds kDescribeRetry{500};
inline constexpr milliseconds kSnapshotRetry{20};
/// How often followed tables are compared with the catalogue: the delay of a 409 after an ALTER.
inline constexpr milliseconds kCatalogueWatch{300};
/// Tables compared at one time; of more tables, the others follow after the next interval.
inline constexpr std::size_t kWatchedTablesMax = 64;
/// How long the catalogue may take to answer before the database counts as hanging.
inline constexpr milliseconds kCataloguePatience{2'500};
/// Lock waits while a table joins the publication: its writers wait as long, then get a pause.
inline constexpr milliseconds kLockTimeout{500};
inline constexpr milliseconds kLockPause{250};
/// How often the position read is handed to the listener where nothing else does so.
inline constexpr milliseconds kStatusInterval{10'000};
/// How often positions are confirmed (so that the server can drop its log) and an answer of the
/// server is asked for: the heartbeat of the stream.
inline constexpr milliseconds kAskInterval{1'000};
/// Silence of the server after which the service reports it.
inline constexpr milliseconds kStreamSilenceTold{2'500};
/// How soon a server that waits for a confirmation gets it once it is due.
inline constexpr milliseconds kConfirmationPoll{5};
/// Silence of the server after which the stream is opened again.
inline constexpr milliseconds kStreamSilenceMax{30'000};
/// Delay before the stream is opened again: doubled from the first to the last.
inline constexpr milliseconds kReconnectDelayMin{100};
inline constexpr milliseconds kReconnectDelayMax{1'000};
/// The same where the database answers and the stream fails again at the same place.
inline constexpr milliseconds kStuckDelayMax{30'000};
/// Failures at one place after which the slot is replaced, and every table is read again.
inline constexpr int kStuckTimesMax = 6;
/// How soon a table that could not be read is read again: doubled from the first to the last.
inline constexpr milliseconds kUnreadableDelayMin{1'000};
inline constexpr milliseconds kUnreadableDelayMax{30'000};
/// How long such a table counts as trouble after the last request for it. Longer than a client
/// waits between two requests: Retry-After, or a delay of up to 32 s of its own.
inline constexpr milliseconds kUnreadableForgotten{90'000};
/// How often a statement that keeps a stop waiting is interrupted again.
inline constexpr milliseconds kInterruptInterval{20};
/// How long a statement is interrupted before its connection is shut: the server hangs.
inline constexpr milliseconds kInterruptPatience{500};
/// How often a stream held back by its backlog checks it again.
inline constexpr milliseconds kBacklogPoll{5};
/// Attempts to take a slot from a host that reads it and connects again, until the slot is
/// dropped.
inline constexpr int kDropSlotTimesMax = 20;

}  // namespace patchbay::embedded::tuning
