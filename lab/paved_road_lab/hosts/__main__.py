"""`python -m paved_road_lab.hosts --folder .lab --regions us-east-1,us-west-2`."""

from paved_road_lab.hosts.daemon import main

if __name__ == "__main__":
    main()
