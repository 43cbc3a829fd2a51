"""The words of synchronizing: keys, values, stamps, snapshots, changes, pairs, configuration, actions, problems."""
